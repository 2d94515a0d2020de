// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.util.Arrays;

/**
 * Terms of a consecutive range of log indexes, kept as runs: a term rarely changes from one entry to the next, so a few
 * numbers stand for millions of entries.
 *
 * <p>Guarded by the lock of the storage.
 */
final class TermRuns {

    private long[] firstIndexes = new long[4];
    private long[] terms = new long[4];
    private int size;

    /** Term at an index at or above the first one known, and at most the last entry; UNKNOWN_TERM below it. */
    long at(long index) {
        int run = runOf(index);
        return run < 0 ? RaftStorage.UNKNOWN_TERM : terms[run];
    }

    /** Term of the newest run; UNKNOWN_TERM if nothing is known. */
    long last() {
        return size == 0 ? RaftStorage.UNKNOWN_TERM : terms[size - 1];
    }

    /** Adds an index above all known ones; terms never fall along a log (Raft §5.3), which the caller has checked. */
    void add(long index, long term) {
        if (size > 0 && terms[size - 1] == term) {
            return;
        }
        if (size == terms.length) {
            firstIndexes = Arrays.copyOf(firstIndexes, 2 * size);
            terms = Arrays.copyOf(terms, 2 * size);
        }
        firstIndexes[size] = index;
        terms[size++] = term;
    }

    /** Forgets this index and all above it. */
    void truncateFrom(long index) {
        while (size > 0 && firstIndexes[size - 1] >= index) {
            size--;
        }
    }

    /** Forgets all below this index. */
    void forgetBefore(long index) {
        int run = runOf(index);
        if (run < 0) {
            return;
        }
        System.arraycopy(firstIndexes, run, firstIndexes, 0, size - run);
        System.arraycopy(terms, run, terms, 0, size - run);
        size -= run;
        firstIndexes[0] = Math.max(firstIndexes[0], index);
    }

    /** Forgets everything. */
    void clear() {
        size = 0;
    }

    /** The same, for {@link #become}. */
    TermRuns copy() {
        TermRuns copy = new TermRuns();
        copy.become(this);
        return copy;
    }

    /** Forgets everything and takes over what another one knows. */
    void become(TermRuns other) {
        firstIndexes = other.firstIndexes.clone();
        terms = other.terms.clone();
        size = other.size;
    }

    private int runOf(long index) {
        int found = Arrays.binarySearch(firstIndexes, 0, size, index);
        return found >= 0 ? found : -found - 2;
    }
}
