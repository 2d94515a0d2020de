// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** What many calls of one kind took, all of them kept. */
final class Latencies {

    private final List<long[]> all = new ArrayList<>();
    private long wallNanos;

    /** Calls made one after the other, in the time that they took together. */
    void tookNanos(long[] each) {
        all.add(each);
        wallNanos += LongStream.of(each).sum();
    }

    /** In place of the sum: some were made at the same time. */
    void wallNanos(long nanos) {
        wallNanos = nanos;
    }

    void add(Latencies others) {
        all.addAll(others.all);
        wallNanos += others.wallNanos;
    }

    long count() {
        return all.stream().mapToLong(each -> each.length).sum();
    }

    double perSecond() {
        return count() / (wallNanos / 1e9);
    }

    /** What a share of the calls did not exceed. */
    long nanosAt(double share) {
        return at(sorted(), share);
    }

    void print(String name) {
        long[] sorted = sorted();
        System.out.printf(
                Locale.ROOT,
                "%-16s %9.3f %9.3f %9.3f %9.3f %9.3f%n",
                name,
                at(sorted, 0.5) / 1e6,
                at(sorted, 0.9) / 1e6,
                at(sorted, 0.99) / 1e6,
                at(sorted, 0.999) / 1e6,
                at(sorted, 1) / 1e6);
    }

    private long[] sorted() {
        long[] sorted = all.stream().flatMapToLong(Arrays::stream).toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    private static long at(long[] sorted, double share) {
        return sorted[(int) Math.max(0, Math.ceil(share * sorted.length) - 1)];
    }
}
