// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.Entry;
import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.PutFlags;

/**
 * The one B+tree of the environment, as one transaction sees it. Groups have numbers from 1, which are never used again, so
 * that nothing of a dropped group can turn up in a later one.
 *
 * <pre>
 *   0:4 | 0:4                     -> {@link StoreRecord}
 *   0:4 | group number:4          -> {@link Group}
 *   0:4 | group number:4 | 'a':1  -> attachment
 *   group number:4 | index:8      -> term:8 | checksum:4 | payload
 * </pre>
 *
 * <p>Numbers are big-endian and not negative, so bytes sort as they do. Whatever is handed out points into LMDB's memory
 * and dies with the next call that changes the tree, or with the transaction.
 */
final class Tree implements AutoCloseable {

    private static final int RECORDS = 0;
    private static final int RECORD_KEY_BYTES = 4 + 4;
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

    /**
     * Adds an entry.
     *
     * @param group the highest number with entries may be filled from the end, without looking for the place
     */
    void put(int group, boolean highestGroup, Entry entry) {
        ByteBuffer value = cursor.reserve(
                entryKey(group, entry.index()),
                ENTRY_HEAD_BYTES + entry.payloadBytes(),
                highestGroup ? AT_THE_END : ANYWHERE);
        value.putLong(entry.term()).putInt(entry.checksum()).put(entry.payload());
    }

    /** Goes to the first entry of this group with at least this index, if there is one. */
    boolean seek(int group, long index) {
        return cursor.get(entryKey(group, index), GetOp.MDB_SET_RANGE) && isAt(group);
    }

    /** Goes to the last entry of this group, if there is one. */
    boolean seekLast(int group) {
        boolean found = cursor.get(entryKey(group + 1, 0), GetOp.MDB_SET_RANGE) ? cursor.prev() : cursor.last();
        return found && isAt(group);
    }

    boolean next(int group) {
        return cursor.next() && isAt(group);
    }

    /** Number of the first group from this one on that has entries; 0 if there is none. */
    int nextGroup(int group) {
        return cursor.get(entryKey(group, 0), GetOp.MDB_SET_RANGE)
                        && cursor.key().remaining() == ENTRY_KEY_BYTES
                ? cursor.key().getInt(0)
                : 0;
    }

    private boolean isAt(int group) {
        ByteBuffer found = cursor.key();
        return found.remaining() == ENTRY_KEY_BYTES && found.getInt(0) == group;
    }

    /** Index of the entry that the last seek or step found. */
    long index() {
        return cursor.key().getLong(4);
    }

    /** The entry that the last seek or step found; its payload is LMDB's memory. */
    Entry entry() throws StorageException {
        ByteBuffer value = cursor.val();
        long index = index();
        if (index < 0 || value.remaining() < ENTRY_HEAD_BYTES || value.getLong(0) < 0) {
            throw new StorageException.Corrupted(
                    "Entry " + index + " is stored in " + value.remaining() + " bytes" + Faults.WHAT_TO_DO);
        }
        return new Entry(index, value.getLong(), value.getInt(), value.slice());
    }

    /**
     * Deletes entries of a group from the first one with at least {@code first} on, below {@code end}. LMDB has nothing
     * better for a range; a page is freed with its last entry.
     *
     * @return number of entries deleted; less than {@code limit} only if no more are left
     */
    long delete(int group, long first, long end, long limit) {
        long deleted = 0;
        for (boolean found = seek(group, first); found && index() < end && deleted < limit; found = next(group)) {
            cursor.delete(); // leaves the cursor before its successor
            deleted++;
        }
        return deleted;
    }

    // ---- records ----

    void putStore(StoreRecord store) {
        putRecord(recordKey(0), store.encode());
    }

    @Nullable
    ByteBuffer store() {
        return record(recordKey(0));
    }

    void putGroup(Group group) {
        putRecord(recordKey(group.number()), group.encode());
    }

    void deleteGroup(int group) {
        deleteRecord(recordKey(group));
        deleteRecord(attachmentKey(group));
    }

    /** The record of the first group from this number on, null if there is none. */
    @Nullable
    ByteBuffer groupFrom(int group) {
        boolean found = cursor.get(recordKey(group), GetOp.MDB_SET_RANGE);
        while (found && isRecord(cursor.key())) {
            if (cursor.key().remaining() == RECORD_KEY_BYTES) {
                return cursor.val();
            }
            found = cursor.next(); // over an attachment
        }
        return null;
    }

    private static boolean isRecord(ByteBuffer found) {
        return found.remaining() >= RECORD_KEY_BYTES && found.getInt(0) == RECORDS;
    }

    void putAttachment(int group, ByteBuffer attachment) {
        putRecord(attachmentKey(group), attachment);
    }

    @Nullable
    ByteBuffer attachment(int group) {
        return record(attachmentKey(group));
    }

    private void putRecord(ByteBuffer at, ByteBuffer record) {
        cursor.reserve(at, record.remaining()).put(record);
    }

    private @Nullable ByteBuffer record(ByteBuffer at) {
        return cursor.get(at, GetOp.MDB_SET_KEY) ? cursor.val() : null;
    }

    private void deleteRecord(ByteBuffer at) {
        if (cursor.get(at, GetOp.MDB_SET_KEY)) {
            cursor.delete();
        }
    }

    private ByteBuffer recordKey(int group) {
        return key.clear().putInt(RECORDS).putInt(group).flip();
    }

    private ByteBuffer attachmentKey(int group) {
        return key.clear().putInt(RECORDS).putInt(group).put((byte) 'a').flip();
    }

    private ByteBuffer entryKey(int group, long index) {
        return key.clear().putInt(group).putLong(index).flip();
    }
}
