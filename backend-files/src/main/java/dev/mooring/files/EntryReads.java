// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One read. Asks the group where entries are, some at a time, and fetches those that stand side by side in one go. Holds no
 * lock while it reads: the segment is pinned, and the bytes of a segment never change before it is retired. If that has
 * happened between the question and the pinning, it asks again.
 */
final class EntryReads {

    private static final int QUESTION_ENTRIES = 128;
    private static final int FETCH_BYTES = 256 << 10;

    private final LogState state;
    private final OpenFiles files;
    private final GroupLog log;
    private final long[] places;
    private final int[] payloadBytes;

    EntryReads(LogState state, OpenFiles files, GroupLog log, long count) {
        this.state = state;
        this.files = files;
        this.log = log;
        int entries = (int) Math.max(1, Math.min(count, QUESTION_ENTRIES));
        this.places = new long[entries];
        this.payloadBytes = new int[entries];
    }

    void visit(long first, long last, EntryVisitor visitor) throws IOException {
        long next = first;
        while (next <= last) {
            int found = log.find(next, last, places, payloadBytes);
            if (found == 0) {
                return; // taken away meanwhile
            }
            int done = 0;
            while (done < found) {
                int together = sideBySide(done, found);
                int visited = visitTogether(next + done, done, together, visitor);
                if (visited < 0) {
                    return;
                }
                if (visited == 0) {
                    break; // moved meanwhile: ask again
                }
                done += visited;
            }
            next += done;
        }
    }

    /** How many entries from this one on can be fetched at once. */
    private int sideBySide(int from, int found) {
        long bytes = EntryRun.bytesOf(payloadBytes[from]);
        int count = 1;
        while (from + count < found
                && places[from + count] == places[from] + bytes
                && bytes + EntryRun.bytesOf(payloadBytes[from + count]) <= FETCH_BYTES) {
            bytes += EntryRun.bytesOf(payloadBytes[from + count]);
            count++;
        }
        return count;
    }

    /** Returns how many entries were visited, 0 if their segment is gone, -1 at the visitor's wish. */
    private int visitTogether(long index, int from, int count, EntryVisitor visitor) throws IOException {
        Segment segment = state.byOrdinal.get(Place.ordinal(places[from]));
        StableFile file = segment == null ? null : files.acquire(segment);
        if (segment == null || file == null) {
            return 0;
        }
        try {
            long bytes = 0;
            for (int i = from; i < from + count; i++) {
                bytes += EntryRun.bytesOf(payloadBytes[i]);
            }
            ByteBuffer fetched = ByteBuffer.allocate((int) bytes);
            file.readFully(fetched, Place.offset(places[from]));
            fetched.flip();
            for (int i = from; i < from + count; i++) {
                Entry entry = entry(segment, index + i - from, places[i], payloadBytes[i], fetched);
                if (!visit(visitor, entry, segment, places[i])) {
                    return -1;
                }
            }
            return count;
        } finally {
            files.release(segment);
        }
    }

    /** What the visitor finds damaged gets its place. */
    private static boolean visit(EntryVisitor visitor, Entry entry, Segment segment, long place) throws IOException {
        try {
            return visitor.visit(entry);
        } catch (StorageException.Corrupted e) {
            throw StorageException.Corrupted.at(segment.path, Place.offset(place), e.getMessage());
        }
    }

    private Entry entry(Segment segment, long index, long place, int expectedBytes, ByteBuffer fetched)
            throws StorageException {
        int at = fetched.position();
        long term = fetched.getLong(at);
        int checksum = fetched.getInt(at + 8);
        int length = fetched.getInt(at + 12);
        if (length != expectedBytes || term < 0) {
            throw StorageException.Corrupted.at(
                    segment.path,
                    Place.offset(place),
                    "entry " + index + " of group '" + log.name + "' should have " + expectedBytes
                            + " bytes here, but what stands here says term " + term + " and " + length
                            + " bytes"); // what to do says the core
        }
        ByteBuffer payload = fetched.slice(at + EntryRun.ENTRY_BYTES, length).asReadOnlyBuffer();
        fetched.position(at + EntryRun.ENTRY_BYTES + length);
        return new Entry(index, term, checksum, payload);
    }
}
