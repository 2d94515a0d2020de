// SPDX-License-Identifier: Apache-2.0
/**
 * The backend {@code xodus}: all groups in one Xodus environment. For those who have Xodus already; its makers are winding
 * it down. Pure Java, and gives up speed (everything runs on one thread, a change waits for the disk twice) and checksums of
 * its own pages.
 */
@NullMarked
package dev.mooring.xodus;

import org.jspecify.annotations.NullMarked;
