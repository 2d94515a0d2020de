// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.RaftStorage;
import java.io.IOException;
import java.util.Arrays;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.LogEntryHeader;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.jspecify.annotations.Nullable;

/**
 * What Ratis sees of an open log: the entries that storage has, and those that it has yet to get. Read by any thread
 * without a lock; changed only under the log's write lock.
 */
final class HeldEntries {

    // The tail holds at least what storage has not accepted yet, so an entry up to `last` is in the tail or in
    // storage. The tail changes first: who sees that an entry is the last one finds it there.

    private final OpenLog log;
    private final ParsedTail tail;
    private volatile @Nullable TermIndex last; // null while the log is empty

    /** @param tailBytes serialized size of the accepted entries that may be held in memory */
    HeldEntries(OpenLog log, long tailBytes) {
        this.log = log;
        this.tail = new ParsedTail(tailBytes);
        this.last = log.last();
    }

    // ---- reading

    /** Term and index of the newest entry; null if the log is empty. */
    @Nullable
    TermIndex last() {
        return last;
    }

    /** The entry at this index; null if it is not there. */
    @Nullable
    LogEntryProto get(long index) throws IOException {
        LogEntryProto recent = tail.get(index);
        return recent != null ? recent : log.get(index);
    }

    /** Term and index of an entry that the log holds, or of the one before the first if its term is known; or null. */
    @Nullable
    TermIndex termIndex(long index) {
        TermIndex held = heldTermIndex(index);
        return held != null ? held : log.termIndexBeforeFirst(index);
    }

    /** Term and index of an entry that the log holds; null if it does not. */
    @Nullable
    TermIndex heldTermIndex(long index) {
        TermIndex end = last;
        if (end == null || index > end.getIndex()) {
            return null;
        }
        if (index == end.getIndex()) {
            return end;
        }
        LogEntryProto recent = tail.get(index);
        return recent != null ? TermIndex.valueOf(recent) : log.termIndex(index);
    }

    /**
     * Headers of the entries from one index up to, but not including, another; fewer if the log ends before, or if they
     * are truncated or purged meanwhile.
     *
     * @param reader gets each entry, and minds what goes wrong with it
     */
    LogEntryHeader[] headers(long startIndex, long endIndex, Reader reader) throws RaftLogIOException {
        TermIndex end = last;
        long until = end == null ? startIndex : Math.min(endIndex, end.getIndex() + 1);
        if (until <= startIndex) {
            return LogEntryHeader.EMPTY_ARRAY;
        }
        LogEntryHeader[] headers = new LogEntryHeader[Math.toIntExact(until - startIndex)];
        for (int i = 0; i < headers.length; i++) {
            LogEntryProto entry = reader.get(startIndex + i);
            if (entry == null) {
                return Arrays.copyOf(headers, i); // truncated or purged meanwhile
            }
            headers[i] = LogEntryHeader.valueOf(entry);
        }
        return headers;
    }

    /**
     * The first entry that can be sent to a follower, which needs the term of the one before; -1 if there is none.
     * Ratis before 3.3.0 would neither send an entry without that, nor a snapshot to a follower that asks for the first
     * entry.
     */
    long startIndex() {
        TermIndex end = last;
        if (end == null) {
            return RaftLog.INVALID_LOG_INDEX;
        }
        long first = log.group.firstIndex();
        if (first > RaftLog.LEAST_VALID_LOG_INDEX && log.group.term(first - 1) == RaftStorage.UNKNOWN_TERM) {
            first++;
        }
        return first <= end.getIndex() ? first : RaftLog.INVALID_LOG_INDEX;
    }

    // ---- changing

    /**
     * Adds the entry that follows the last one, under the log's write lock.
     *
     * @param cacheable what to hold of it in memory
     */
    void add(LogEntryProto entry, LogEntryProto cacheable) {
        tail.add(cacheable);
        last = TermIndex.valueOf(entry);
    }

    /** Lets go of memory that holds what storage has accepted, which is all up to here; under the log's write lock. */
    void accepted(long index) {
        tail.shrink(index);
    }

    /** Drops this entry and all above it, under the log's write lock. Comes before storage does the same. */
    void truncateFrom(long index) {
        TermIndex before = heldTermIndex(index - 1); // looked up while the log still ends above it
        tail.truncateFrom(index);
        last = before;
    }

    /** Drops all entries, because the log is given up; under the write lock, and before storage does the same. */
    void forgetAll() {
        tail.truncateFrom(0);
        last = null;
    }

    /** Lets go of memory for good: from now on entries may seem to be missing that are not. */
    void close() {
        tail.clear();
    }

    /** Drops this entry and all below it, under the log's write lock, after storage did the same. */
    void droppedTo(long index) {
        tail.dropTo(index);
        TermIndex end = last;
        if (end != null && end.getIndex() <= index) {
            last = null;
        }
    }

    /** Gets an entry by its index; null if it is not there. */
    interface Reader {
        @Nullable
        LogEntryProto get(long index) throws RaftLogIOException;
    }
}
