// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Releases that the backend has not been told of: it is told in the background, when nobody waits for a write, for they
 * are worth nobody's wait. Every method is called with the lock of the {@link CommitQueue} held.
 */
final class PendingReleases {

    /** How many batches may pass before released entries are told to the backend in spite of callers in line. */
    private static final int BATCHES_BEFORE_RELEASES = 16;

    private final Set<GroupLog> logs = new LinkedHashSet<>();
    private int batchesSince;

    /**
     * What the backend is to be told.
     *
     * @param log is the group
     * @param index is the last entry that is released
     */
    record Release(GroupLog log, long index) {}

    void add(GroupLog log) {
        logs.add(log);
    }

    void remove(GroupLog log) {
        logs.remove(log);
    }

    /** After each batch: whether the backend is to be told now. */
    boolean areDue(boolean somebodyWaits) {
        return !logs.isEmpty() && (!somebodyWaits || ++batchesSince > BATCHES_BEFORE_RELEASES);
    }

    /** The backend is being told. */
    void begin() {
        batchesSince = 0;
    }

    /** Takes one; null when there is none any more. */
    @Nullable
    Release next() {
        while (!logs.isEmpty()) {
            GroupLog log = logs.iterator().next();
            logs.remove(log);
            long index = log.releasePending;
            log.releasePending = -1;
            if (index >= log.storedFirstIndex && index <= log.storedLastIndex) { // else a snapshot has discarded them
                log.storedFirstIndex = index + 1;
                return new Release(log, index);
            }
        }
        return null;
    }
}
