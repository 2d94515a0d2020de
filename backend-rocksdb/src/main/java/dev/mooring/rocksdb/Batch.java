// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.Entry;
import dev.mooring.spi.ordered.OrderedWrites;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** One change. Entries are deleted by range, never one by one. */
final class Batch implements OrderedWrites, AutoCloseable {

    private final OpenDatabase open;
    private final EntryBuffer buffer;
    private final Map<Integer, Long> deletedBelow;
    private final Map<Integer, byte[]> emptyBelow = new HashMap<>(); // group -> key; once this is durable
    private final WriteBatch batch = new WriteBatch();

    /**
     * Empty.
     *
     * @param deletedBelow up to where the entries of each group are deleted already, so that ranges never overlap
     */
    Batch(OpenDatabase open, EntryBuffer buffer, Map<Integer, Long> deletedBelow) {
        this.open = open;
        this.buffer = buffer;
        this.deletedBelow = deletedBelow;
    }

    @Override
    public void close() {
        batch.close();
    }

    /** Makes it durable; then drops whole files that hold nothing but what was deleted. Compaction does the rest. */
    void write(WriteOptions durable) throws RocksDBException {
        open.database.write(durable, batch);
        for (Map.Entry<Integer, byte[]> each : emptyBelow.entrySet()) {
            List<byte[]> range = List.of(Keys.entry(each.getKey(), 0), each.getValue());
            open.database.deleteFilesInRanges(open.log, range, false);
        }
    }

    @Override
    public void putRecord(ByteBuffer key, ByteBuffer record) throws IOException {
        try {
            batch.put(open.meta, Keys.array(key), Keys.array(record));
        } catch (RocksDBException e) {
            throw new Unexplained(e);
        }
    }

    @Override
    public void deleteRecord(ByteBuffer key) throws IOException {
        try {
            batch.delete(open.meta, Keys.array(key));
        } catch (RocksDBException e) {
            throw new Unexplained(e);
        }
    }

    @Override
    public void append(int group, Entry entry, boolean highest) throws IOException {
        try {
            batch.put(open.log, buffer.key(group, entry), buffer.value(entry));
        } catch (RocksDBException e) {
            throw new Unexplained(e);
        }
    }

    /** All of them at once, whatever the limit; how many that were is not known, and nothing is left. */
    @Override
    public long deleteEntries(int group, long first, long end, long limit) throws IOException {
        long deleted = deletedBelow.getOrDefault(group, 0L);
        if (end == Long.MAX_VALUE) {
            deleteRange(Keys.entry(group, first), Keys.endOf(group));
            deletedBelow.put(group, Math.min(deleted, first)); // new ones may follow here
        } else if (deleted < end) {
            deleteRange(Keys.entry(group, Math.max(first, deleted)), Keys.entry(group, end));
            if (first <= deleted) {
                deletedBelow.put(group, end);
                emptyBelow.put(group, Keys.entry(group, end));
            }
        }
        return 0;
    }

    @Override
    public boolean deleteLog(int group) throws IOException {
        deleteRange(Keys.entry(group, 0), Keys.endOf(group));
        deletedBelow.remove(group);
        emptyBelow.put(group, Keys.endOf(group));
        return true;
    }

    private void deleteRange(byte[] from, byte[] end) throws IOException {
        try {
            batch.deleteRange(open.log, from, end);
        } catch (RocksDBException e) {
            throw new Unexplained(e);
        }
    }
}
