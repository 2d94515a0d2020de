// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The smallest engine: what was committed is a sorted map of records and one of entries. */
final class SortedEngine implements OrderedEngine {

    Stored committed;
    boolean writesTwice; // as one that has to make room first

    @Nullable
    IOException failNext;

    @Nullable
    Boolean closedWhole;

    private final boolean isNew;

    SortedEngine() {
        this(false);
    }

    /** One in which each group has a tree of its own, which can go as a whole. */
    SortedEngine(boolean treeForEachGroup) {
        this(new Stored(new TreeMap<>(), new TreeMap<>(), treeForEachGroup), true);
    }

    private SortedEngine(Stored committed, boolean isNew) {
        this.committed = committed;
        this.isNew = isNew;
    }

    /** What the next process finds. */
    SortedEngine openedAgain() {
        return new SortedEngine(committed, false);
    }

    @Override
    public boolean isNew() {
        return isNew;
    }

    @Override
    public <T> T read(String what, Reading<T> reading) throws IOException {
        return reading.read(committed);
    }

    @Override
    public void change(String what, long addedBytes, Writing writing) throws IOException {
        if (writesTwice) {
            writing.write(committed.copy());
        }
        Stored changed = committed.copy();
        writing.write(changed);
        if (failNext != null) {
            throw failNext;
        }
        committed = changed;
    }

    @Override
    public void awaitReaders() {
        // of one thread: nobody reads meanwhile
    }

    @Override
    public void close(boolean whole) {
        closedWhole = whole;
    }

    record Key(int group, long index) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            return group == other.group ? Long.compare(index, other.index) : Integer.compare(group, other.group);
        }
    }

    record Stored(
            NavigableMap<ByteBuffer, ByteBuffer> records, NavigableMap<Key, Entry> entries, boolean treeForEachGroup)
            implements OrderedReads, OrderedWrites {

        Stored copy() {
            return new Stored(new TreeMap<>(records), new TreeMap<>(entries), treeForEachGroup);
        }

        @Override
        public void eachRecord(RecordVisitor visitor) throws IOException {
            for (var record : records.entrySet()) {
                visitor.visit(within(record.getKey()), within(record.getValue()));
            }
        }

        @Override
        public int[] groupsWithEntries() {
            return entries.keySet().stream().mapToInt(Key::group).distinct().toArray();
        }

        @Override
        public long firstIndex(int group, long from) {
            Key found = entries.ceilingKey(new Key(group, from));
            return found == null || found.group() != group ? -1 : found.index();
        }

        @Override
        public long lastIndex(int group) {
            Key found = entries.lowerKey(new Key(group + 1, 0));
            return found == null || found.group() != group ? -1 : found.index();
        }

        @Override
        public void read(int group, long first, long last, EntryVisitor visitor) throws IOException {
            for (long index = first; index <= last; index++) {
                Entry entry = entries.get(new Key(group, index));
                if (entry == null || !visitor.visit(entry)) {
                    return;
                }
            }
        }

        @Override
        public void putRecord(ByteBuffer key, ByteBuffer record) {
            records.put(copy(key), copy(record));
        }

        @Override
        public void deleteRecord(ByteBuffer key) {
            records.remove(key);
        }

        @Override
        public void append(int group, Entry entry, boolean highest) {
            if (lastIndex(group) >= entry.index()
                    || (highest && !entries.tailMap(new Key(group + 1, 0)).isEmpty())) {
                throw new IllegalStateException(entry + " of group " + group + " does not come last");
            }
            entries.put(
                    new Key(group, entry.index()),
                    new Entry(entry.index(), entry.term(), entry.checksum(), copy(entry.payload())));
        }

        @Override
        public long deleteEntries(int group, long first, long end, long limit) {
            long deleted = 0;
            for (long index = firstIndex(group, first);
                    index >= 0 && index < end && deleted < limit;
                    index = firstIndex(group, first)) {
                entries.remove(new Key(group, index));
                deleted++;
            }
            return deleted;
        }

        @Override
        public void deleteAll(int group, long first) {
            deleteEntries(group, treeForEachGroup ? 0 : first, Long.MAX_VALUE, Long.MAX_VALUE);
        }

        /** As an engine hands out what lies in a page of its own: it does not begin at 0. */
        private static ByteBuffer within(ByteBuffer bytes) {
            ByteBuffer page = ByteBuffer.allocate(3 + bytes.remaining() + 2);
            return page.put(3, bytes, bytes.position(), bytes.remaining())
                    .position(3)
                    .limit(3 + bytes.remaining());
        }

        private static ByteBuffer copy(ByteBuffer bytes) {
            return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
        }
    }
}
