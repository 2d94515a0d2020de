// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** Reads entries, see {@link Keys}. On any thread, beside the one that writes. */
final class EntryReader {

    private EntryReader() {}

    /** Ends early where a release or truncation has taken entries away. */
    static void read(OpenDatabase open, Group group, long first, long last, EntryVisitor visitor)
            throws IOException, RocksDBException {
        long from = Math.max(first, group.firstIndex);
        long to = Math.min(last, group.lastIndex);
        if (from != first || to < first) {
            return;
        }
        // bounded below, so that the tombstones of released entries are never walked
        try (Slice lower = new Slice(Keys.entry(group.number, first));
                Slice upper = new Slice(Keys.entry(group.number, to + 1));
                ReadOptions options = new ReadOptions()
                        .setVerifyChecksums(true)
                        .setTotalOrderSeek(true)
                        .setFillCache(first == last)
                        .setIterateLowerBound(lower)
                        .setIterateUpperBound(upper);
                RocksIterator entries = open.database.newIterator(open.log, options)) {
            long index = first;
            for (entries.seekToFirst(); entries.isValid(); entries.next()) {
                Entry entry = decode(open, group, index, entries.key(), entries.value());
                if (entry == null || !visitor.visit(entry)) {
                    return;
                }
                index++;
            }
            entries.status();
        }
    }

    private static @Nullable Entry decode(OpenDatabase open, Group group, long index, byte[] foundKey, byte[] stored)
            throws StorageException {
        ByteBuffer found = ByteBuffer.wrap(foundKey);
        if (foundKey.length != Keys.ENTRY_BYTES || found.getInt() != group.number || stored.length < 12) {
            throw open.damaged("entry " + index + " is stored under a key of " + foundKey.length
                    + " bytes with a value of " + stored.length);
        }
        if (found.getLong() != index) {
            return null; // a gap: the core decides whether a release or truncation made it
        }
        ByteBuffer fields = ByteBuffer.wrap(stored);
        long term = fields.getLong();
        int checksum = fields.getInt();
        if (term < 0) {
            throw open.damaged("entry " + index + " has term " + term);
        }
        return new Entry(index, term, checksum, fields.slice());
    }
}
