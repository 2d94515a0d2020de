// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.ByteIterable;
import jetbrains.exodus.env.Cursor;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.Store;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The stores of the environment, as one transaction sees them: one for records, and one for the entries of each group. Groups
 * have numbers from 1, which are never used again, so that nothing of a dropped group can turn up in a later one.
 *
 * <pre>
 *   records    0:4                  -> {@link StoreRecord}
 *              group number:4       -> {@link Group}
 *              group number:4 | 'a' -> attachment
 *   log-N      see {@link EntryStore}
 * </pre>
 *
 * <p>Numbers are big-endian and not negative, so bytes sort as they do.
 */
final class Stores {

    private static final String RECORDS = "records";
    private static final String LOG_PREFIX = "log-";
    private static final int RECORD_KEY_BYTES = 4;

    private final Environment environment;
    private final Transaction txn;
    private final long fileBytes;

    Stores(Environment environment, Transaction txn, long fileBytes) {
        this.environment = environment;
        this.txn = txn;
        this.fileBytes = fileBytes;
    }

    // ---- entries ----

    /** Entries of a group that is there already, or was dropped a moment ago; null if it never had any. */
    @Nullable
    EntryStore entries(int group) {
        Store store = environment.openStore(LOG_PREFIX + group, StoreConfig.WITHOUT_DUPLICATES, txn, false);
        return store == null ? null : new EntryStore(store, txn, fileBytes);
    }

    EntryStore entriesToChange(int group) {
        return new EntryStore(
                environment.openStore(LOG_PREFIX + group, StoreConfig.WITHOUT_DUPLICATES, txn), txn, fileBytes);
    }

    /** Deletes all entries of a group at once; new ones may follow in the same transaction. */
    void deleteEntries(int group) {
        if (environment.storeExists(LOG_PREFIX + group, txn)) {
            environment.truncateStore(LOG_PREFIX + group, txn);
        }
    }

    // ---- records ----

    void putStore(StoreRecord store) {
        put(recordKey(0), store.encode());
    }

    @Nullable
    ByteBuffer store() {
        return get(recordKey(0));
    }

    void putGroup(Group group) {
        put(recordKey(group.number()), group.encode());
    }

    /** Deletes a group with all that belongs to it; its number is never used again. */
    void deleteGroup(int group) {
        if (environment.storeExists(LOG_PREFIX + group, txn)) {
            environment.removeStore(LOG_PREFIX + group, txn);
        }
        Store records = records();
        records.delete(txn, recordKey(group));
        records.delete(txn, attachmentKey(group));
    }

    void putAttachment(int group, ByteBuffer attachment) {
        put(attachmentKey(group), attachment);
    }

    @Nullable
    ByteBuffer attachment(int group) {
        return get(attachmentKey(group));
    }

    /** Hands over the record of every group, by number. */
    void eachGroup(RecordVisitor visitor) throws StorageException {
        Store records = environment.openStore(RECORDS, StoreConfig.WITHOUT_DUPLICATES, txn, false);
        if (records == null) {
            return;
        }
        try (Cursor cursor = records.openCursor(txn)) {
            for (ByteIterable value = cursor.getSearchKeyRange(recordKey(1));
                    value != null;
                    value = cursor.getNext() ? cursor.getValue() : null) {
                if (cursor.getKey().getLength() == RECORD_KEY_BYTES) {
                    visitor.visit(buffer(value));
                }
            }
        }
    }

    private Store records() {
        return environment.openStore(RECORDS, StoreConfig.WITHOUT_DUPLICATES, txn);
    }

    private void put(ByteIterable key, ByteBuffer record) {
        records().put(txn, key, bytes(record));
    }

    private @Nullable ByteBuffer get(ByteIterable key) {
        Store records = environment.openStore(RECORDS, StoreConfig.WITHOUT_DUPLICATES, txn, false);
        ByteIterable found = records == null ? null : records.get(txn, key);
        return found == null ? null : buffer(found);
    }

    private static ByteIterable recordKey(int group) {
        return bytes(ByteBuffer.allocate(4).putInt(group).flip());
    }

    private static ByteIterable attachmentKey(int group) {
        return bytes(ByteBuffer.allocate(5).putInt(group).put((byte) 'a').flip());
    }

    static ByteIterable bytes(ByteBuffer buffer) {
        byte[] array = new byte[buffer.remaining()];
        buffer.duplicate().get(array);
        return new ArrayByteIterable(array);
    }

    /** A view, without a copy if Xodus has the bytes in one piece. */
    static ByteBuffer buffer(ByteIterable found) {
        return ByteBuffer.wrap(found.getBytesUnsafe(), 0, found.getLength()).slice();
    }

    /** Takes one record. */
    @FunctionalInterface
    interface RecordVisitor {
        void visit(ByteBuffer record) throws StorageException;
    }
}
