// SPDX-License-Identifier: Apache-2.0
/** A backend that keeps everything in memory: the smallest one that the compatibility kit passes. */
@NullMarked
package dev.mooring.examples.memory;

import org.jspecify.annotations.NullMarked;
