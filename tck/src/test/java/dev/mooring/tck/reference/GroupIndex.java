// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.reference;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.nio.ByteBuffer;
import java.util.List;
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
        Update update = change.update();
        if (update.truncateFrom() != null) {
            truncate(update.truncateFrom(), update.entries().size());
        }
        List<Entry> entries = update.entries();
        if (bug.is(Bug.NUMBER_OF_ENTRIES_IS_A_SHORT)) {
            entries = entries.subList(0, entries.size() & 0xFFFF);
        }
        for (Entry entry : entries) {
            add(entry, bodyPosition);
        }
        if (update.hardState() != null) {
            hardState = stored(update.hardState());
        }
        ByteBuffer attached = update.attachment();
        if (attached != null) {
            attachment = ByteBuffer.allocate(attached.remaining()).put(attached).flip();
        } else if (bug.is(Bug.NULL_CLEARS_THE_ATTACHMENT)) {
            attachment = null;
        }
        if (change.snapshot() != null) {
            point(change.snapshot());
        }
        if (change.firstIndex() != null) {
            places.headMap(change.firstIndex()).clear();
            if (!bug.is(Bug.RELEASE_LEAVES_A_GAP)) {
                firstIndex = change.firstIndex();
            }
        }
    }

    private void truncate(long truncateFrom, int replacements) {
        if (bug.is(Bug.KEEPS_THE_OLD_TAIL)) {
            places.subMap(truncateFrom, truncateFrom + replacements).clear();
        } else if (bug.is(Bug.IGNORES_AN_INDEX_THAT_EXISTS)) {
            places.tailMap(truncateFrom + replacements).clear();
        } else {
            places.tailMap(bug.is(Bug.TRUNCATES_ONE_TOO_MANY) ? truncateFrom - 1 : truncateFrom)
                    .clear();
        }
    }

    private void add(Entry entry, long bodyPosition) {
        if (places.isEmpty()) {
            firstIndex = entry.index();
        }
        Place place = new Place(
                bug.is(Bug.TERM_IS_AN_INT) ? entry.term() & 0xFFFFFFFFL : entry.term(),
                bug.is(Bug.CHECKSUM_IS_NOT_STORED) ? 0 : entry.checksum(),
                bodyPosition + entry.payload().position(),
                storedLength(entry.payloadBytes()));
        if (place.length() == 0 && bug.is(Bug.EMPTY_PAYLOAD_IS_SKIPPED)) {
            return;
        }
        if (bug.is(Bug.IGNORES_AN_INDEX_THAT_EXISTS)) {
            places.putIfAbsent(entry.index(), place);
        } else {
            places.put(entry.index(), place);
        }
    }

    private int storedLength(int length) {
        return bug.is(Bug.LENGTH_IS_A_SHORT)
                ? length & 0xFFFF
                : bug.is(Bug.LENGTH_HAS_THREE_BYTES) ? length & 0xFFFFFF : length;
    }

    private HardState stored(HardState given) {
        String vote = given.votedFor();
        if (vote != null && vote.indexOf('\0') >= 0 && bug.is(Bug.VOTE_ENDS_AT_A_ZERO)) {
            vote = vote.substring(0, vote.indexOf('\0'));
        } else if (vote != null && vote.equals("-") && bug.is(Bug.A_DASH_IS_NO_VOTE)) {
            vote = null;
        } else if (vote == null && bug.is(Bug.NULL_VOTE_KEEPS_THE_OLD_ONE)) {
            vote = hardState.votedFor();
        } else if (vote == null && bug.is(Bug.NULL_VOTE_BECOMES_EMPTY)) {
            vote = "";
        } else if (vote != null && vote.isEmpty() && bug.is(Bug.EMPTY_VOTE_BECOMES_NULL)) {
            vote = null;
        }
        return new HardState(given.currentTerm(), vote, given.commitIndex());
    }

    private void point(SnapshotPointer given) {
        if (snapshot == null || !bug.is(Bug.POINTER_IS_NOT_REPLACED)) {
            boolean external = given.external() && !bug.is(Bug.WHO_KEEPS_THE_SNAPSHOT_IS_LOST);
            snapshot = new SnapshotPointer(given.index(), given.term(), external, given.id());
        }
        if (places.isEmpty() && !bug.is(Bug.EMPTIED_LOG_KEEPS_ITS_FIRST_INDEX)) {
            firstIndex = given.index() + 1;
        }
    }

    /** For {@link Bug#TERM_OF_LAST_ENTRY_IS_LOST_AT_RELOAD}. */
    void loseLastTerm() {
        places.computeIfPresent(
                places.isEmpty() ? -1 : places.lastKey(),
                (index, place) -> new Place(0, place.checksum(), place.position(), place.length()));
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
