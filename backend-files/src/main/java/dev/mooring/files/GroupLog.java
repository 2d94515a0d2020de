// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * What is known in memory of one group: its state, and where its entries are. Changed by one thread at a time, by saves
 * after they became durable and by recovery; read by any thread beside it, under a lock that is held for microseconds.
 */
final class GroupLog {

    final String name;

    /** Whether {@code firstIndex} is above what a replay of the log would find. Guarded by the writing lock. */
    boolean releasedSinceActivation;

    private final GroupIndex.Accounting accounting;
    private final ReentrantReadWriteLock reads = new ReentrantReadWriteLock(); // held for writing by who waits for them
    private boolean isGone;
    private final GroupIndex index = new GroupIndex();
    private HardState hardState = HardState.INITIAL;
    private @Nullable SnapshotPointer snapshot;
    private @Nullable ByteBuffer attachment;
    private long firstIndex;
    private long lastIndex = -1; // firstIndex - 1 if the log is empty

    GroupLog(String name, GroupIndex.Accounting accounting) {
        this.name = name;
        this.accounting = accounting;
    }

    // ---- what a save says ----

    /** The record for an update of this group. Buffers are the caller's. */
    synchronized Outgoing.Update outgoing(Update update, @Nullable SnapshotPointer pointer) {
        Long truncateFrom = update.truncateFrom();
        List<Entry> entries = update.entries();
        boolean willBeEmpty = isEmpty() || (truncateFrom != null && truncateFrom <= firstIndex);
        Long restartAt = null;
        if (willBeEmpty) {
            restartAt = !entries.isEmpty()
                    ? (Long) entries.get(0).index()
                    : (Long) (pointer == null ? firstIndex : pointer.index() + 1);
            truncateFrom = null;
        } else if (truncateFrom != null && truncateFrom > lastIndex) {
            truncateFrom = null;
        }
        EntryRun run = null;
        if (!entries.isEmpty()) {
            long expected = restartAt != null ? restartAt : truncateFrom != null ? truncateFrom : lastIndex + 1;
            if (entries.get(0).index() != expected) {
                throw new IllegalArgumentException("Group '" + name + "': entries begin at "
                        + entries.get(0).index() + ", but the log goes on at " + expected + " (rule LOG-9)");
            }
            int[] payloadBytes = new int[entries.size()];
            for (int i = 0; i < payloadBytes.length; i++) {
                payloadBytes[i] = entries.get(i).payloadBytes();
            }
            run = new EntryRun(entries.get(0).index(), payloadBytes, 0);
        }
        return new Outgoing.Update(
                new Change.Updated(
                        name, truncateFrom, restartAt, update.hardState(), update.attachment(), pointer, run),
                entries);
    }

    /** Line of the next checkpoint. */
    synchronized Change.Existing checkpoint() {
        return new Change.Existing(name, hardState, attachment, snapshot, firstIndex, lastIndex);
    }

    // ---- changes ----

    /**
     * Applies an update that is durable in the given segment.
     *
     * @throws MalformedException if its entries do not join on to the log
     */
    synchronized void apply(Change.Updated update, long ordinal) throws MalformedException {
        if (update.restartAt() != null) {
            index.removeFrom(0, accounting);
            firstIndex = update.restartAt();
            lastIndex = firstIndex - 1;
        }
        if (update.truncateFrom() != null && update.truncateFrom() <= lastIndex) {
            long from = Math.max(firstIndex, update.truncateFrom());
            index.removeFrom(from, accounting);
            lastIndex = from - 1;
        }
        EntryRun run = update.entries();
        if (run != null) {
            if (run.firstIndex != lastIndex + 1) {
                throw new MalformedException("group '" + name + "': entries from " + run.firstIndex
                        + " do not join on to the log, which ends at " + lastIndex);
            }
            lastIndex = run.lastIndex();
            locate(run, ordinal);
        }
        if (update.hardState() != null) {
            hardState = update.hardState();
        }
        ByteBuffer attached = update.attachment();
        if (attached != null) {
            attachment = ByteBuffer.allocate(attached.remaining())
                    .put(attached.duplicate())
                    .flip()
                    .asReadOnlyBuffer();
        }
        if (update.snapshot() != null) {
            snapshot = update.snapshot();
        }
    }

    /** Gives places to those entries of a run that are in the log; some may have one, as moved entries do. */
    synchronized void locate(EntryRun run, long ordinal) {
        long offset = run.offset;
        for (int i = 0; i < run.payloadBytes.length; i++) {
            long entry = run.firstIndex + i;
            if (entry >= firstIndex && entry <= lastIndex) {
                index.put(entry, Place.of(ordinal, offset), run.payloadBytes[i], accounting);
            }
            offset += EntryRun.bytesOf(run.payloadBytes[i]);
        }
    }

    /** Takes over a line of a checkpoint; places stay as they are. */
    synchronized void apply(Change.Existing existing) {
        hardState = existing.hardState();
        snapshot = existing.snapshot();
        attachment = existing.attachment();
        firstIndex = existing.firstIndex();
        lastIndex = existing.lastIndex();
    }

    /** Releases all below an index. */
    synchronized void release(long newFirstIndex) {
        if (newFirstIndex > firstIndex) {
            firstIndex = Math.min(newFirstIndex, lastIndex + 1);
            index.removeBelow(firstIndex, accounting);
        }
    }

    /** Takes all places away: the group is gone. */
    synchronized void discard() {
        index.removeFrom(0, accounting);
        lastIndex = firstIndex - 1;
    }

    /** Takes the places of {@code from} and all above away, and leaves the bounds, which are a later checkpoint's. */
    synchronized void unlocate(long from) {
        index.removeFrom(from, accounting);
    }

    /** Null if every entry has a place, else the first range that has none. */
    synchronized @Nullable String missing() {
        if (index.count() == lastIndex - firstIndex + 1) {
            return null;
        }
        long first = index.firstMissing(firstIndex);
        long last = index.firstHeld(first, lastIndex) - 1;
        return range(first, last);
    }

    /** Which entries are lost if the log goes on no further, in words; null if none of a log that is empty. */
    synchronized @Nullable String lost() {
        String missing = missing();
        return missing != null ? missing : isEmpty() ? null : "entries from " + (lastIndex + 1) + " on, if any";
    }

    /** All of its entries, in words. */
    synchronized String held() {
        return isEmpty() ? "without entries" : range(firstIndex, lastIndex);
    }

    /** Its entries that stand at or behind an offset of a segment, in words; null if none does. */
    synchronized @Nullable String heldBehind(long ordinal, long offset) {
        long first = -1;
        long last = -1;
        for (long entry = firstIndex; entry <= lastIndex; entry++) {
            long place = index.place(entry);
            if (Place.ordinal(place) == ordinal && Place.offset(place) >= offset) {
                first = first < 0 ? entry : first;
                last = entry;
            }
        }
        return first < 0 ? null : range(first, last);
    }

    private static String range(long first, long last) {
        return first == last ? "entry " + first : "entries " + first + ".." + last;
    }

    // ---- reads ----

    /** Whether there is anything to read. If so, {@link #endRead} must follow. */
    boolean beginRead() {
        reads.readLock().lock();
        if (isGone) {
            reads.readLock().unlock();
        }
        return !isGone;
    }

    void endRead() {
        reads.readLock().unlock();
    }

    /** Waits for the reads of a group that is gone. */
    void endReads() {
        reads.writeLock().lock();
        try {
            isGone = true;
        } finally {
            reads.writeLock().unlock();
        }
    }

    // ---- questions ----

    synchronized GroupState state() {
        return new GroupState(hardState, snapshot, attachment, firstIndex, lastIndex);
    }

    synchronized boolean isAt(long entry, long place) {
        return entry >= firstIndex && entry <= lastIndex && index.place(entry) == place;
    }

    synchronized long firstIndex() {
        return firstIndex;
    }

    synchronized long lastIndex() {
        return lastIndex;
    }

    /** Fills in where consecutive entries from {@code first} on are; returns how many, 0 if the first is not in the log. */
    synchronized int find(long first, long last, long[] places, int[] payloadBytes) {
        if (first < firstIndex) {
            return 0;
        }
        long end = Math.min(last, lastIndex);
        int count = 0;
        for (long entry = first; entry <= end && count < places.length; entry++) {
            places[count] = index.place(entry);
            payloadBytes[count] = index.payloadBytes(entry);
            count++;
        }
        return count;
    }

    private boolean isEmpty() {
        return lastIndex < firstIndex;
    }
}
