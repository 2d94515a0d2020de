// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.ordered.OrderedReads;
import dev.mooring.spi.ordered.OrderedWrites;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.PutFlags;

/**
 * The one B+tree of the environment, as one transaction sees it.
 *
 * <pre>
 *   0:4 | key of a record:4 or 5  -> record
 *   group number:4 | index:8      -> term:8 | checksum:4 | payload
 * </pre>
 *
 * <p>Numbers are big-endian and not negative, so bytes sort as they do. Whatever is handed out points into LMDB's memory
 * and dies with the next call that changes the tree, or with the transaction.
 */
final class Tree implements OrderedReads, OrderedWrites, AutoCloseable {

    private static final int RECORDS = 0;
    private static final int ENTRY_KEY_BYTES = 4 + 8;
    private static final int ENTRY_HEAD_BYTES = 8 + 4;
    private static final PutFlags[] ANYWHERE = {};
    private static final PutFlags[] AT_THE_END = {PutFlags.MDB_APPEND};

    private static final ThreadLocal<ByteBuffer> KEYS = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(16));

    private final Cursor<ByteBuffer> cursor;
    private final ByteBuffer key = KEYS.get();

    Tree(Cursor<ByteBuffer> cursor) {
        this.cursor = cursor;
    }

    @Override
    public void close() {
        cursor.close();
    }

    // ---- entries ----

    /** What is highest of all is added from the end, without looking for the place. */
    @Override
    public void append(int group, Entry entry, boolean highest) {
        ByteBuffer value = cursor.reserve(
                entryKey(group, entry.index()),
                ENTRY_HEAD_BYTES + entry.payloadBytes(),
                highest ? AT_THE_END : ANYWHERE);
        value.putLong(entry.term()).putInt(entry.checksum()).put(entry.payload());
    }

    @Override
    public long firstIndex(int group, long from) {
        return seek(group, from) ? index() : -1;
    }

    @Override
    public long lastIndex(int group) {
        boolean found = cursor.get(entryKey(group + 1, 0), GetOp.MDB_SET_RANGE) ? cursor.prev() : cursor.last();
        return found && isAt(group) ? index() : -1;
    }

    @Override
    public int[] groupsWithEntries() {
        IntStream.Builder groups = IntStream.builder();
        for (int group = nextGroup(1); group != 0; group = nextGroup(group + 1)) {
            groups.add(group);
        }
        return groups.build().toArray();
    }

    @Override
    public void read(int group, long first, long last, EntryVisitor visitor) throws IOException {
        long index = first;
        for (boolean found = seek(group, first);
                found && index <= last && index() == index && visitor.visit(entry());
                found = next(group)) {
            index++;
        }
    }

    /** LMDB has nothing better for a range; a page is freed with its last entry. */
    @Override
    public long deleteEntries(int group, long first, long end, long limit) {
        long deleted = 0;
        for (boolean found = seek(group, first); found && index() < end && deleted < limit; found = next(group)) {
            cursor.delete(); // leaves the cursor before its successor
            deleted++;
        }
        return deleted;
    }

    private boolean seek(int group, long index) {
        return cursor.get(entryKey(group, index), GetOp.MDB_SET_RANGE) && isAt(group);
    }

    private boolean next(int group) {
        return cursor.next() && isAt(group);
    }

    /** Number of the first group from this one on that has entries; 0 if there is none. */
    private int nextGroup(int group) {
        return cursor.get(entryKey(group, 0), GetOp.MDB_SET_RANGE)
                        && cursor.key().remaining() == ENTRY_KEY_BYTES
                ? cursor.key().getInt(0)
                : 0;
    }

    private boolean isAt(int group) {
        ByteBuffer found = cursor.key();
        return found.remaining() == ENTRY_KEY_BYTES && found.getInt(0) == group;
    }

    private long index() {
        return cursor.key().getLong(4);
    }

    /** The entry at the cursor; its payload is LMDB's memory. */
    private Entry entry() throws StorageException {
        ByteBuffer value = cursor.val();
        long index = index();
        if (index < 0 || value.remaining() < ENTRY_HEAD_BYTES || value.getLong(0) < 0) {
            throw new StorageException.Corrupted(
                    "Entry " + index + " is stored in " + value.remaining() + " bytes" + Faults.WHAT_TO_DO);
        }
        return new Entry(index, value.getLong(), value.getInt(), value.slice());
    }

    // ---- records ----

    @Override
    public void eachRecord(RecordVisitor visitor) throws IOException {
        boolean found = cursor.get(key.clear().putInt(RECORDS).flip(), GetOp.MDB_SET_RANGE);
        while (found && cursor.key().remaining() >= 4 && cursor.key().getInt(0) == RECORDS) {
            visitor.visit(cursor.key().slice(4, cursor.key().remaining() - 4), cursor.val());
            found = cursor.next();
        }
    }

    @Override
    public void putRecord(ByteBuffer recordKey, ByteBuffer record) {
        cursor.reserve(recordKey(recordKey), record.remaining()).put(record.duplicate());
    }

    @Override
    public void deleteRecord(ByteBuffer recordKey) {
        if (cursor.get(recordKey(recordKey), GetOp.MDB_SET_KEY)) {
            cursor.delete();
        }
    }

    private ByteBuffer recordKey(ByteBuffer recordKey) {
        return key.clear().putInt(RECORDS).put(recordKey.duplicate()).flip();
    }

    private ByteBuffer entryKey(int group, long index) {
        return key.clear().putInt(group).putLong(index).flip();
    }
}
