// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Delta debugging (Zeller and Hildebrandt, TSE 28(2), 2002): the smallest part of a list that still fails. */
public final class Shrinker {

    private Shrinker() {}

    /**
     * Leaves out as much as possible.
     *
     * @param failing a list that fails
     * @param fails whether a shorter list fails too, in the same way
     * @param deadlineNanos value of {@link System#nanoTime()} after which the shortest list found so far is returned
     */
    public static <T> List<T> shrink(List<T> failing, Predicate<List<T>> fails, long deadlineNanos) {
        List<T> shortest = failing;
        int chunk = Math.max(1, shortest.size() / 2);
        while (true) {
            boolean shorter = false;
            for (int start = 0; start < shortest.size(); ) {
                if (System.nanoTime() - deadlineNanos > 0) {
                    return shortest;
                }
                List<T> candidate = without(shortest, start, chunk);
                if (fails.test(candidate)) {
                    shortest = candidate;
                    shorter = true;
                } else {
                    start += chunk;
                }
            }
            if (chunk == 1 && !shorter) {
                return shortest;
            }
            chunk = shorter && chunk == 1 ? 1 : Math.max(1, Math.min(chunk / 2, shortest.size() / 2));
        }
    }

    private static <T> List<T> without(List<T> list, int start, int count) {
        List<T> rest = new ArrayList<>(list.subList(0, start));
        rest.addAll(list.subList(Math.min(list.size(), start + count), list.size()));
        return rest;
    }
}
