// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the backends on the class path and module path, with the jar each comes from, and chooses one by name. In this
 * order it serves: that never the order of jars decides which backend opens a directory; that a broken provider does not
 * hide the others; and messages that can be acted upon. It gives up quick start-up: every provider found is created.
 */
@NullMarked
package dev.mooring.discovery;

import org.jspecify.annotations.NullMarked;
