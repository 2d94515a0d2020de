// SPDX-License-Identifier: Apache-2.0
/** A file system for tests: the real one, with a hook before each operation. */
@NullMarked
package dev.mooring.hooks;

import org.jspecify.annotations.NullMarked;
