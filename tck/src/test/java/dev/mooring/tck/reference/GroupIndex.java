// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.reference;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import java.nio.ByteBuffer;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is known of one group without reading: its state, and where its entries lie. */
final class GroupIndex {

    /** Where an entry lies in the file. */
    record Place(long term, int checksum, long position, int length) {}

    private final Bug bug;
    private HardState hardState = HardState.INITIAL;
    private @Nullable SnapshotPointer snapshot;
    private @Nullable ByteBuffer attachment;
    private final TreeMap<Long, Place> places = new TreeMap<>();
    private long firstIndex;

    GroupIndex(Bug bug) {
        this.bug = bug;
    }

    /**
     * Applies a change that was read back from the file.
     *
     * @param bodyPosition where the buffer that the payloads are views of begins in the file
     */
    void apply(Change change, long bodyPosition) {
        if (change.update().truncateFrom() != null) {
            truncate(change.update().truncateFrom(), change.update().entries().size());
        }
        for (Entry entry : change.update().entries()) {
            if (places.isEmpty()) {
                firstIndex = entry.index();
            }
            Place place = new Place(
                    entry.term(),
                    entry.checksum(),
                    bodyPosition + entry.payload().position(),
                    entry.payloadBytes());
            places.put(entry.index(), place);
        }
        if (change.update().hardState() != null) {
            hardState = change.update().hardState();
        }
        ByteBuffer attached = change.update().attachment();
        if (attached != null) {
            attachment = ByteBuffer.allocate(attached.remaining()).put(attached).flip();
        }
        if (change.snapshot() != null) {
            snapshot = change.snapshot();
            if (places.isEmpty()) {
                firstIndex = change.snapshot().index() + 1;
            }
        }
        if (change.firstIndex() != null) {
            firstIndex = change.firstIndex();
            places.headMap(firstIndex).clear();
        }
    }

    private void truncate(long truncateFrom, int replacements) {
        if (bug.is(Bug.KEEPS_THE_OLD_TAIL)) {
            places.subMap(truncateFrom, truncateFrom + replacements).clear();
        } else {
            places.tailMap(truncateFrom).clear();
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
