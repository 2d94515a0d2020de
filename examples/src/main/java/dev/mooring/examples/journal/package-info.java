// SPDX-License-Identifier: Apache-2.0
/**
 * A durable backend over one plain file: what to start from with one of your own. First it is right: it passes the
 * whole compatibility kit, power cuts, faults and damage included. Then it is short. It gives up speed: each release
 * is forced like a change, an opening after an unclean end writes the file anew, and saves wait while that is done.
 * It takes up to twice the space of what has lived in it at most, three times while it is rewritten.
 */
@NullMarked
package dev.mooring.examples.journal;

import org.jspecify.annotations.NullMarked;
