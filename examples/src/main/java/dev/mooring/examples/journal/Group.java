// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.journal;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.nio.ByteBuffer;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is kept of one group in memory: its state, and where in the journal its entries lie. */
final class Group {

    /** Where the payload of an entry begins in the file, and the rest of the entry. */
    record Place(long term, int checksum, long position, int length) {}

    private HardState hardState = HardState.INITIAL;
    private @Nullable SnapshotPointer snapshot;
    private @Nullable ByteBuffer attachment;
    private final TreeMap<Long, Place> places = new TreeMap<>();
    private long firstIndex; // of an empty log: where the next entry goes, unless a change says otherwise

    /**
     * Applies a change as it was read from the journal.
     *
     * @param bodyPosition where the buffer that its payloads are views of begins in the file
     */
    void apply(Change change, long bodyPosition) {
        Update update = change.update();
        if (update.truncateFrom() != null) {
            places.tailMap(update.truncateFrom(), true).clear();
        }
        for (Entry entry : update.entries()) {
            if (places.isEmpty()) {
                firstIndex = entry.index();
            }
            long position = bodyPosition + entry.payload().position();
            places.put(entry.index(), new Place(entry.term(), entry.checksum(), position, entry.payloadBytes()));
        }
        if (update.hardState() != null) {
            hardState = update.hardState();
        }
        ByteBuffer attached = update.attachment();
        if (attached != null) {
            // a copy, for what was read is a view of a whole frame
            attachment = ByteBuffer.allocate(attached.remaining()).put(attached).flip();
        }
        if (change.snapshot() != null) {
            snapshot = change.snapshot();
            firstIndex = places.isEmpty() ? snapshot.index() + 1 : firstIndex;
        }
        if (change.firstIndex() != null) {
            places.headMap(change.firstIndex(), false).clear();
            firstIndex = change.firstIndex();
        }
    }

    @Nullable
    Place place(long index) {
        return places.get(index);
    }

    GroupState state() {
        long lastIndex = places.isEmpty() ? firstIndex - 1 : places.lastKey();
        return new GroupState(hardState, snapshot, attachment, firstIndex, lastIndex);
    }
}
