// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.util.Map;

/**
 * What a data directory held when it was opened.
 *
 * @param sequence number of the last durable change, 0 in an empty directory
 * @param groups state of each group by name
 */
public record Loaded(long sequence, Map<String, GroupState> groups) {

    /**
     * Checks the sequence, and copies the groups.
     *
     * @param sequence number of the last durable change, 0 in an empty directory
     * @param groups state of each group by name
     */
    public Loaded {
        Checks.atLeast(0, sequence, "sequence");
        groups = Map.copyOf(groups);
    }
}
