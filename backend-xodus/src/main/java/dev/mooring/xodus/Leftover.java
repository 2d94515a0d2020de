// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

/**
 * Entries of a group that it has released. Later changes delete them, a few each, so that a release holds nobody up.
 *
 * @param number number of the group
 * @param name name of the group; what belongs to this name now may have another number
 */
record Leftover(int number, String name) {}
