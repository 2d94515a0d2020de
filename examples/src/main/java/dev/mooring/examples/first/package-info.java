// SPDX-License-Identifier: Apache-2.0
/** The smallest program on Mooring: the one in the README. */
@NullMarked
package dev.mooring.examples.first;

import org.jspecify.annotations.NullMarked;
