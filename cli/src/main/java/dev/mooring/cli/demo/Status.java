// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a server says of itself, on one line. An index is -1 where there is none.
 *
 * @param leader 1 if it leads, else 0
 * @param term its current term
 * @param firstIndex oldest entry of its log, the next one if the log is empty
 * @param lastIndex newest entry of its log
 * @param commitIndex newest entry that it knows to be committed
 * @param appliedIndex newest entry that is in its key-value store
 * @param startedFrom index of the snapshot of its own that it started from
 * @param installed index of the newest snapshot that it was sent since its start
 * @param applied number of entries that it has put into its store one by one since its start
 */
record Status(
        long leader,
        long term,
        long firstIndex,
        long lastIndex,
        long commitIndex,
        long appliedIndex,
        long startedFrom,
        long installed,
        long applied) {

    private static final int FIELDS = 9;

    boolean isLeader() {
        return leader == 1;
    }

    String encode() {
        return Stream.of(
                        leader, term, firstIndex, lastIndex, commitIndex, appliedIndex, startedFrom, installed, applied)
                .map(String::valueOf)
                .collect(Collectors.joining(" "));
    }

    static Status decode(String line) {
        long[] values = Arrays.stream(line.trim().split(" ", -1))
                .mapToLong(Long::parseLong)
                .toArray();
        if (values.length != FIELDS) {
            throw new IllegalArgumentException("A status has " + FIELDS + " numbers, not: " + line);
        }
        return new Status(
                values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8]);
    }
}
