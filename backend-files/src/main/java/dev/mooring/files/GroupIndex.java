// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Place and length of the entries of one group by index: 12 bytes an entry in arrays, and less than 1 for what holds them.
 *
 * <p>Chunks of 256 entries, each an array that covers only the slots in use and grows by doubling: what a hostile file
 * makes it allocate stays in proportion to that file. Not safe for use by several threads.
 */
final class GroupIndex {

    private static final int SHIFT = 8;
    private static final int SLOTS = 1 << SHIFT;
    private static final int FIRST_CAPACITY = 8;

    private final TreeMap<Long, Chunk> chunks = new TreeMap<>();
    private @Nullable Chunk latest; // of the last access, and its key
    private long latestKey = -1;
    private long count;

    /** Told of every entry that gets a place or loses one. */
    interface Accounting {
        void added(long place, int payloadBytes);

        void removed(long place, int payloadBytes);
    }

    /** How many entries have a place. */
    long count() {
        return count;
    }

    /** Place of an entry; {@link Place#NONE} if it has none. */
    long place(long index) {
        Chunk chunk = chunk(index >>> SHIFT);
        return chunk == null ? Place.NONE : chunk.place(slot(index));
    }

    /** Payload length of an entry that has a place. */
    int payloadBytes(long index) {
        Chunk chunk = chunk(index >>> SHIFT);
        return chunk == null ? 0 : chunk.lengths[slot(index) - chunk.from];
    }

    /** Gives an entry a place, its first one or a new one. */
    void put(long index, long place, int payloadBytes, Accounting accounting) {
        long key = index >>> SHIFT;
        Chunk chunk = chunk(key);
        if (chunk == null) {
            chunk = new Chunk(slot(index));
            chunks.put(key, chunk);
            latest = chunk;
            latestKey = key;
        }
        int slot = slot(index);
        chunk.cover(slot);
        long former = chunk.places[slot - chunk.from];
        if (former == Place.NONE) {
            chunk.used++;
            count++;
        } else {
            accounting.removed(former, chunk.lengths[slot - chunk.from]);
        }
        chunk.places[slot - chunk.from] = place;
        chunk.lengths[slot - chunk.from] = payloadBytes;
        accounting.added(place, payloadBytes);
    }

    /** Takes away the places of {@code index} and all above. */
    void removeFrom(long index, Accounting accounting) {
        removeAll(chunks.tailMap((index >>> SHIFT) + 1, true), accounting);
        Chunk chunk = chunk(index >>> SHIFT);
        if (chunk != null) {
            clear(chunk, slot(index), SLOTS, accounting);
            forgetIfEmpty(index >>> SHIFT, chunk);
        }
    }

    /** Takes away the places of all below {@code index}. */
    void removeBelow(long index, Accounting accounting) {
        removeAll(chunks.headMap(index >>> SHIFT, false), accounting);
        Chunk chunk = chunk(index >>> SHIFT);
        if (chunk != null) {
            clear(chunk, 0, slot(index), accounting);
            forgetIfEmpty(index >>> SHIFT, chunk);
        }
    }

    /** The first index from {@code first} on that has no place. */
    long firstMissing(long first) {
        long index = first;
        while (place(index) != Place.NONE) {
            index++;
        }
        return index;
    }

    /** The first index from {@code first} to {@code last} that has a place; last + 1 if none has. */
    long firstHeld(long first, long last) {
        for (Map.Entry<Long, Chunk> each : chunks.tailMap(first >>> SHIFT, true).entrySet()) {
            long base = each.getKey() << SHIFT;
            for (int i = 0; i < each.getValue().places.length; i++) {
                long index = base + each.getValue().from + i;
                if (index >= first && each.getValue().places[i] != Place.NONE) {
                    return Math.min(index, last + 1);
                }
            }
        }
        return last + 1;
    }

    private void removeAll(Map<Long, Chunk> some, Accounting accounting) {
        for (Chunk chunk : some.values()) {
            clear(chunk, 0, SLOTS, accounting);
        }
        some.clear();
        latest = null;
        latestKey = -1;
    }

    private void clear(Chunk chunk, int fromSlot, int toSlot, Accounting accounting) {
        int from = Math.max(fromSlot, chunk.from);
        int to = Math.min(toSlot, chunk.from + chunk.places.length);
        for (int slot = from; slot < to; slot++) {
            long place = chunk.places[slot - chunk.from];
            if (place != Place.NONE) {
                chunk.places[slot - chunk.from] = Place.NONE;
                chunk.used--;
                count--;
                accounting.removed(place, chunk.lengths[slot - chunk.from]);
            }
        }
    }

    private void forgetIfEmpty(long key, Chunk chunk) {
        if (chunk.used == 0) {
            chunks.remove(key);
            latest = null;
            latestKey = -1;
        }
    }

    private @Nullable Chunk chunk(long key) {
        if (key == latestKey) {
            return latest;
        }
        Chunk chunk = chunks.get(key);
        latest = chunk;
        latestKey = key;
        return chunk;
    }

    private static int slot(long index) {
        return (int) (index & (SLOTS - 1));
    }

    private static final class Chunk {
        private int from;
        private long[] places = new long[0];
        private int[] lengths = new int[0];
        private int used;

        private Chunk(int from) {
            this.from = from;
        }

        private long place(int slot) {
            int at = slot - from;
            return at < 0 || at >= places.length ? Place.NONE : places[at];
        }

        /** Makes room for a slot. */
        private void cover(int slot) {
            if (slot < from) {
                rebuild(slot, from + places.length - slot);
            } else if (slot - from >= places.length) {
                int wanted = Math.max(slot - from + 1, Math.max(FIRST_CAPACITY, places.length * 2));
                rebuild(from, Math.min(wanted, SLOTS - from));
            }
        }

        private void rebuild(int newFrom, int capacity) {
            long[] newPlaces = new long[capacity];
            int[] newLengths = new int[capacity];
            Arrays.fill(newPlaces, Place.NONE);
            System.arraycopy(places, 0, newPlaces, from - newFrom, places.length);
            System.arraycopy(lengths, 0, newLengths, from - newFrom, lengths.length);
            from = newFrom;
            places = newPlaces;
            lengths = newLengths;
        }
    }
}
