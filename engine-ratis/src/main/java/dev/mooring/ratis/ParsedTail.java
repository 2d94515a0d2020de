// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.jspecify.annotations.Nullable;

/**
 * The newest entries of the log as Ratis handed them over, so that followers and the state machine are served from memory.
 * Holds every entry that storage has not accepted yet; of the others as many as fit. Safe for use by any thread.
 */
final class ParsedTail {

    private final long maxBytes;
    private LogEntryProto[] ring = new LogEntryProto[64]; // entry i is at i modulo the length, a power of two
    private long first; // 0 while empty, so that last is -1
    private long count;
    private long bytes;

    /** @param maxBytes serialized size of the accepted entries that may be held */
    ParsedTail(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Adds the entry that follows the last one; to an empty tail any. */
    synchronized void add(LogEntryProto entry) {
        if (count == 0) {
            first = entry.getIndex();
        }
        if (count == ring.length) {
            grow();
        }
        ring[slot(first + count)] = entry;
        count++;
        bytes += entry.getSerializedSize();
    }

    synchronized @Nullable LogEntryProto get(long index) {
        return index < first || index >= first + count ? null : ring[slot(index)];
    }

    /** Drops this entry and all above it. */
    synchronized void truncateFrom(long index) {
        while (count > 0 && first + count > index) {
            drop(first + count - 1);
        }
    }

    /** Drops this entry and all below it. */
    synchronized void dropTo(long index) {
        while (count > 0 && first <= index) {
            drop(first);
            first++;
        }
    }

    /** Drops all entries, and the memory that they took. */
    synchronized void clear() {
        ring = new LogEntryProto[64];
        count = 0;
        bytes = 0;
    }

    /** Drops the oldest entries that storage can give back, down to the bound. */
    synchronized void shrink(long acceptedIndex) {
        while (bytes > maxBytes && count > 0 && first <= acceptedIndex) {
            drop(first);
            first++;
        }
    }

    private void drop(long index) {
        int slot = slot(index);
        bytes -= ring[slot].getSerializedSize();
        ring[slot] = LogEntryProto.getDefaultInstance(); // not null, and holds no payload
        count--;
    }

    private int slot(long index) {
        return (int) (index & (ring.length - 1));
    }

    private void grow() {
        LogEntryProto[] old = ring;
        ring = new LogEntryProto[old.length * 2];
        for (long index = first; index < first + count; index++) {
            ring[slot(index)] = old[(int) (index & (old.length - 1))];
        }
    }
}
