// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import java.util.BitSet;

/**
 * Where in a script a state that was found can arise.
 *
 * @param after numbers of calls after which it is the state
 * @param during numbers of calls of which a first part, which is accepted on its own and may be stored at once, leaves it
 */
record Matches(BitSet after, BitSet during) {

    boolean isEmpty() {
        return after.isEmpty() && during.isEmpty();
    }

    /** Whether a crash may leave it. */
    boolean allowed(int acked, int started) {
        int complete = after.nextSetBit(acked);
        int begun = during.nextSetBit(acked + 1);
        return (complete >= 0 && complete <= started) || (begun >= 0 && begun <= started);
    }

    /** Calls of which it has everything. */
    int latest() {
        return Math.max(after.length() - 1, during.length() - 2);
    }
}
