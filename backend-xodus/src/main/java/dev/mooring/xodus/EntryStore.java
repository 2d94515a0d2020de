// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.ByteIterable;
import jetbrains.exodus.env.Cursor;
import jetbrains.exodus.env.Store;
import jetbrains.exodus.env.Transaction;

/**
 * The entries of one group, in a store of their own: keys only ever come after all others, so pages are filled.
 *
 * <pre>
 *   index:8        -> term:8 | checksum:4 | length of the payload:4 | payload, or the first part of it
 *   index:8 | n:2  -> the n-th further part, from 1
 * </pre>
 *
 * <p>Xodus stores no value that is larger than one of its files, and fills up the rest of a file that a value does not fit
 * into; hence the parts.
 */
final class EntryStore {

    private static final int INDEX_KEY_BYTES = 8;
    private static final int HEAD_BYTES = 8 + 4 + 4;
    private static final int MAX_PART_BYTES = 1 << 20;

    private final Store store;
    private final Transaction txn;
    private final int partBytes;

    EntryStore(Store store, Transaction txn, long fileBytes) {
        this.store = store;
        this.txn = txn;
        this.partBytes = (int) Math.min(MAX_PART_BYTES, fileBytes / 8);
    }

    /** Adds an entry behind all others. */
    void append(Entry entry) {
        ByteBuffer payload = entry.payload();
        int first = Math.min(payload.remaining(), partBytes);
        ByteBuffer value = ByteBuffer.allocate(HEAD_BYTES + first)
                .putLong(entry.term())
                .putInt(entry.checksum())
                .putInt(payload.remaining())
                .put(payload.slice(payload.position(), first));
        store.putRight(txn, key(entry.index()), new ArrayByteIterable(value.array()));
        payload.position(payload.position() + first);
        for (int part = 1; payload.hasRemaining(); part++) {
            int length = Math.min(payload.remaining(), partBytes);
            store.putRight(txn, key(entry.index(), part), Stores.bytes(payload.slice(payload.position(), length)));
            payload.position(payload.position() + length);
        }
    }

    /** Index of the first entry from this index on; -1 if there is none. */
    long first(long from) {
        try (Cursor cursor = store.openCursor(txn)) {
            return cursor.getSearchKeyRange(key(from)) == null ? -1 : index(cursor.getKey());
        }
    }

    /** Index of the last entry; -1 if there is none. */
    long last() {
        try (Cursor cursor = store.openCursor(txn)) {
            return cursor.getLast() ? index(cursor.getKey()) : -1;
        }
    }

    /**
     * Deletes entries from the lowest on.
     *
     * @return number of entries deleted; less than {@code limit} only if none is left from first on below {@code end}
     */
    long delete(long first, long end, long limit) {
        long deleted = 0;
        long current = -1;
        try (Cursor cursor = store.openCursor(txn)) {
            for (boolean found = cursor.getSearchKeyRange(key(first)) != null; found; found = cursor.getNext()) {
                long index = index(cursor.getKey());
                if (index < 0) {
                    break; // no key of ours: reads call that damage
                }
                if (index != current) { // else a further part
                    if (index >= end || deleted == limit) {
                        break;
                    }
                    current = index;
                    deleted++;
                }
                cursor.deleteCurrent(); // leaves the cursor before its successor
            }
        }
        return deleted;
    }

    /** Visits first..last until an entry is not there or the visitor has enough. */
    void read(long first, long last, EntryVisitor visitor) throws IOException {
        try (Cursor cursor = store.openCursor(txn)) {
            boolean found = cursor.getSearchKey(key(first)) != null;
            for (long index = first; found && index <= last; index++) {
                ByteBuffer head = Stores.buffer(cursor.getValue());
                if (head.remaining() < HEAD_BYTES || head.getLong(0) < 0) {
                    throw damaged(index, "its first part has " + head.remaining() + " bytes");
                }
                long term = head.getLong();
                int checksum = head.getInt();
                int length = head.getInt();
                List<ByteBuffer> parts = new ArrayList<>(List.of(head.slice()));
                found = collect(cursor, index, parts);
                if (!visitor.visit(new Entry(index, term, checksum, joined(index, length, parts)))) {
                    return;
                }
                found = found && cursor.getKey().equals(key(index + 1));
            }
        }
    }

    /** Adds the further parts of an entry, and leaves the cursor behind them; false if nothing comes after them. */
    private static boolean collect(Cursor cursor, long index, List<ByteBuffer> parts) {
        while (cursor.getNext()) {
            if (!cursor.getKey().equals(key(index, parts.size()))) {
                return true;
            }
            parts.add(Stores.buffer(cursor.getValue()));
        }
        return false;
    }

    private static ByteBuffer joined(long index, int length, List<ByteBuffer> parts) throws StorageException {
        long found = parts.stream().mapToLong(ByteBuffer::remaining).sum();
        if (found != length) {
            throw damaged(index, found + " of " + length + " bytes are there");
        }
        if (parts.size() == 1) {
            return parts.get(0);
        }
        ByteBuffer payload = ByteBuffer.allocate(length);
        parts.forEach(payload::put);
        return payload.flip();
    }

    private static StorageException.Corrupted damaged(long index, String what) {
        return new StorageException.Corrupted("Entry " + index + ": " + what + Faults.WHAT_TO_DO);
    }

    private static long index(ByteIterable key) {
        ByteBuffer found = Stores.buffer(key);
        return found.remaining() < INDEX_KEY_BYTES ? -1 : found.getLong();
    }

    private static ByteIterable key(long index) {
        return Stores.bytes(ByteBuffer.allocate(INDEX_KEY_BYTES).putLong(index).flip());
    }

    private static ByteIterable key(long index, int part) {
        return Stores.bytes(ByteBuffer.allocate(INDEX_KEY_BYTES + 2)
                .putLong(index)
                .putShort((short) part)
                .flip());
    }
}
