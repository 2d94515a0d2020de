// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.ordered.OrderedReads;
import dev.mooring.spi.ordered.OrderedWrites;
import java.io.IOException;
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
 * The stores of the environment, as one transaction sees them: {@code records}, and {@code log-N} with the entries of group
 * N, see {@link EntryStore}.
 */
final class Stores implements OrderedReads, OrderedWrites {

    private static final String RECORDS = "records";
    private static final String LOG_PREFIX = "log-";

    private final Environment environment;
    private final Transaction txn;
    private final long fileBytes;

    // opened once for all entries of one update
    private @Nullable EntryStore appending;
    private int appendingTo;

    Stores(Environment environment, Transaction txn, long fileBytes) {
        this.environment = environment;
        this.txn = txn;
        this.fileBytes = fileBytes;
    }

    // ---- entries ----

    @Override
    public int[] groupsWithEntries() {
        return environment.getAllStoreNames(txn).stream()
                .filter(name -> name.startsWith(LOG_PREFIX))
                .mapToInt(name -> Integer.parseInt(name.substring(LOG_PREFIX.length())))
                .filter(group -> firstIndex(group, 0) >= 0)
                .sorted()
                .toArray();
    }

    @Override
    public long firstIndex(int group, long from) {
        EntryStore entries = entries(group);
        return entries == null ? -1 : entries.first(from);
    }

    @Override
    public long lastIndex(int group) {
        EntryStore entries = entries(group);
        return entries == null ? -1 : entries.last();
    }

    @Override
    public void read(int group, long first, long last, EntryVisitor visitor) throws IOException {
        EntryStore entries = entries(group);
        if (entries != null) {
            entries.read(first, last, visitor);
        }
    }

    @Override
    public void append(int group, Entry entry, boolean highest) {
        if (appending == null || appendingTo != group) {
            appending = new EntryStore(
                    environment.openStore(LOG_PREFIX + group, StoreConfig.WITHOUT_DUPLICATES, txn), txn, fileBytes);
            appendingTo = group;
        }
        appending.append(entry);
    }

    @Override
    public long deleteEntries(int group, long first, long end, long limit) {
        EntryStore entries = entries(group);
        return entries == null ? 0 : entries.delete(first, end, limit);
    }

    /** The store of the group at once, whatever is in it. */
    @Override
    public void deleteAll(int group, long first) {
        appending = null; // it is another store now
        if (environment.storeExists(LOG_PREFIX + group, txn)) {
            environment.truncateStore(LOG_PREFIX + group, txn);
        }
    }

    @Override
    public boolean deleteLog(int group) {
        if (environment.storeExists(LOG_PREFIX + group, txn)) {
            environment.removeStore(LOG_PREFIX + group, txn);
        }
        return true;
    }

    private @Nullable EntryStore entries(int group) {
        Store store = environment.openStore(LOG_PREFIX + group, StoreConfig.WITHOUT_DUPLICATES, txn, false);
        return store == null ? null : new EntryStore(store, txn, fileBytes);
    }

    // ---- records ----

    @Override
    public void eachRecord(RecordVisitor visitor) throws IOException {
        Store records = environment.openStore(RECORDS, StoreConfig.WITHOUT_DUPLICATES, txn, false);
        if (records == null) {
            return;
        }
        try (Cursor cursor = records.openCursor(txn)) {
            while (cursor.getNext()) {
                visitor.visit(buffer(cursor.getKey()), buffer(cursor.getValue()));
            }
        }
    }

    @Override
    public void putRecord(ByteBuffer key, ByteBuffer record) {
        records().put(txn, bytes(key), bytes(record));
    }

    @Override
    public void deleteRecord(ByteBuffer key) {
        records().delete(txn, bytes(key));
    }

    private Store records() {
        return environment.openStore(RECORDS, StoreConfig.WITHOUT_DUPLICATES, txn);
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
}
