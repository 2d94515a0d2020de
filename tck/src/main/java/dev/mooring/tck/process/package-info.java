// SPDX-License-Identifier: Apache-2.0
/**
 * For the own tests of a backend over native code: a JVM that may die or be traced, and the system calls it makes.
 *
 * <p>In order: what was not seen is never taken for good, a test reads as what reaches the disk in which order, and it runs
 * wherever a tracer is not allowed, saying that it did not run. It gives up every system but Linux.
 */
@NullMarked
package dev.mooring.tck.process;

import org.jspecify.annotations.NullMarked;
