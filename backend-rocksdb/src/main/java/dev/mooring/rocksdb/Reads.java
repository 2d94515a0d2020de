// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.ordered.OrderedReads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** Reads what is stored, see {@link Keys}. Each iterator sees one state; on any thread, beside the one that writes. */
final class Reads implements OrderedReads {

    private final OpenDatabase open;

    Reads(OpenDatabase open) {
        this.open = open;
    }

    @Override
    public void eachRecord(RecordVisitor visitor) throws IOException {
        try (RocksIterator records = open.database.newIterator(open.meta)) {
            for (records.seekToFirst(); records.isValid(); records.next()) {
                visitor.visit(ByteBuffer.wrap(records.key()), ByteBuffer.wrap(records.value()));
            }
            records.status();
        } catch (RocksDBException e) {
            throw new Unexplained(e);
        }
    }

    @Override
    public int[] groupsWithEntries() throws IOException {
        IntStream.Builder groups = IntStream.builder();
        try (RocksIterator entries = open.database.newIterator(open.log)) {
            entries.seekToFirst();
            while (entries.isValid()) {
                int group = Keys.group(checked(entries.key()));
                groups.add(group);
                entries.seek(Keys.endOf(group));
            }
            entries.status();
        } catch (RocksDBException e) {
            throw new Unexplained(e);
        }
        return groups.build().toArray();
    }

    @Override
    public long firstIndex(int group, long from) throws IOException {
        return index(Keys.entry(group, from), Keys.endOf(group), RocksIterator::seekToFirst);
    }

    @Override
    public long lastIndex(int group) throws IOException {
        return index(Keys.entry(group, 0), Keys.endOf(group), RocksIterator::seekToLast);
    }

    private long index(byte[] from, byte[] end, Seek seek) throws IOException {
        return within(from, end, false, entries -> {
            seek.in(entries);
            return entries.isValid() ? Keys.index(checked(entries.key())) : -1;
        });
    }

    @Override
    public void read(int group, long first, long last, EntryVisitor visitor) throws IOException {
        within(Keys.entry(group, first), Keys.entry(group, last + 1), first == last, entries -> {
            long index = first;
            for (entries.seekToFirst();
                    entries.isValid() && Keys.index(checked(entries.key())) == index;
                    entries.next()) {
                if (!visitor.visit(entry(index, entries.value()))) {
                    return index;
                }
                index++;
            }
            return index;
        });
    }

    /** Bounded on both sides, so that the tombstones of what lies outside are never walked. */
    private long within(byte[] from, byte[] end, boolean fillCache, Walk walk) throws IOException {
        try (Slice lower = new Slice(from);
                Slice upper = new Slice(end);
                ReadOptions options = new ReadOptions()
                        .setVerifyChecksums(true)
                        .setFillCache(fillCache)
                        .setIterateLowerBound(lower)
                        .setIterateUpperBound(upper);
                RocksIterator entries = open.database.newIterator(open.log, options)) {
            long result = walk.along(entries);
            entries.status();
            return result;
        } catch (RocksDBException e) {
            throw new Unexplained(e);
        }
    }

    private byte[] checked(byte[] key) throws StorageException {
        if (key.length != Keys.ENTRY_BYTES || key[0] < 0) {
            throw open.damaged("an entry is stored under a key of " + key.length + " bytes");
        }
        return key;
    }

    private Entry entry(long index, byte[] stored) throws StorageException {
        ByteBuffer fields = ByteBuffer.wrap(stored);
        if (stored.length < Keys.ENTRY_HEAD_BYTES || fields.getLong(0) < 0) {
            throw open.damaged("entry " + index + " is stored in " + stored.length + " bytes that can not be one");
        }
        return new Entry(index, fields.getLong(), fields.getInt(), fields.slice());
    }

    @FunctionalInterface
    private interface Seek {
        void in(RocksIterator entries);
    }

    @FunctionalInterface
    private interface Walk {
        long along(RocksIterator entries) throws IOException;
    }
}
