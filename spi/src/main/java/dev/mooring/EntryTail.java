// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest entries of a log, consecutive: those that were accepted and are not durable yet. A ring, so that taking away
 * at the front costs nothing.
 *
 * <p>Guarded by the lock of the storage.
 */
final class EntryTail {

    private static final int SMALLEST_RING = 16;

    private @Nullable Entry[] ring = new Entry[SMALLEST_RING];
    private long firstIndex;
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    /** Index of the oldest entry held here; meaningless when empty. */
    long firstIndex() {
        return firstIndex;
    }

    /** The entry at this index; null if it is not held here. */
    @Nullable
    Entry get(long index) {
        return size == 0 || index < firstIndex || index >= firstIndex + size
                ? null
                : ring[slot((int) (index - firstIndex))];
    }

    /** Adds the next entry. */
    void add(Entry entry) {
        if (size == 0) {
            firstIndex = entry.index();
            head = 0;
        }
        if (size == ring.length) {
            resize(2 * size);
        }
        ring[slot(size++)] = entry;
    }

    /** The entries from this index on, copied. */
    List<Entry> from(long index) {
        int start = size == 0 ? 0 : (int) Math.min(size, Math.max(0, index - firstIndex));
        List<Entry> entries = new ArrayList<>(size - start);
        for (int i = start; i < size; i++) {
            Entry entry = ring[slot(i)];
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** Takes away the entry at this index and all above it. Returns what they weighed. */
    long truncateFrom(long index) {
        long weight = 0;
        while (size > 0 && firstIndex + size - 1 >= index) {
            weight += take(slot(size - 1));
            size--;
        }
        shrink();
        return weight;
    }

    /** Takes away the entry at this index and all below it. Returns what they weighed. */
    long dropThrough(long index) {
        long weight = 0;
        while (size > 0 && firstIndex <= index) {
            weight += take(head);
            head = slot(1);
            firstIndex++;
            size--;
        }
        shrink();
        return weight;
    }

    /** What an entry weighs in memory, in bytes, roughly: a log of empty payloads must not be free. */
    static long weight(int payloadBytes) {
        return payloadBytes + 96L;
    }

    private long take(int slot) {
        Entry entry = ring[slot];
        ring[slot] = null;
        return entry == null ? 0 : weight(entry.payloadBytes());
    }

    private int slot(int offset) {
        return (head + offset) & (ring.length - 1);
    }

    private void shrink() {
        if (ring.length > SMALLEST_RING && size < ring.length / 8) {
            resize(ring.length / 4);
        }
    }

    private void resize(int length) {
        @Nullable Entry[] resized = new Entry[Math.max(SMALLEST_RING, length)];
        for (int i = 0; i < size; i++) {
            resized[i] = ring[slot(i)];
        }
        ring = resized;
        head = 0;
    }
}
