// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

/**
 * Entries that nobody can reach any more, of a group that has released or of one that was dropped. Later changes delete
 * them, a few each, so that neither a release nor a drop holds anybody up.
 *
 * @param number number of the group
 * @param name name of the group; what belongs to this name now may have another number
 */
record Leftover(int number, String name) {}
