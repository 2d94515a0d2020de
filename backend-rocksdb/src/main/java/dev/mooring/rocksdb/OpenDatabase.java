// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.Options;
import dev.mooring.spi.StorageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.Filter;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** An open RocksDB with its column families, and everything that has to be freed after it. */
final class OpenDatabase {

    private static final byte[] LOG_FAMILY = "log".getBytes(StandardCharsets.UTF_8);
    private static final byte[] META_FAMILY = RocksDB.DEFAULT_COLUMN_FAMILY;

    final Path directory;
    final RocksDB database;
    final ColumnFamilyHandle meta;
    final ColumnFamilyHandle log;

    private final List<AbstractNativeReference> freedLast;

    private OpenDatabase(
            Path directory,
            RocksDB database,
            ColumnFamilyHandle meta,
            ColumnFamilyHandle log,
            List<AbstractNativeReference> freedLast) {
        this.directory = directory;
        this.database = database;
        this.meta = meta;
        this.log = log;
        this.freedLast = freedLast;
    }

    static OpenDatabase open(Path directory, Options options) throws StorageException, RocksDBException {
        return open(directory, directory, options, RocksDB::open);
    }

    /** Writes nothing but RocksDB's messages. */
    static OpenDatabase openForReading(Path directory, Path logs, Options options)
            throws StorageException, RocksDBException {
        return open(directory, logs, options, RocksDB::openReadOnly);
    }

    private static OpenDatabase open(Path directory, Path logs, Options options, Opening opening)
            throws StorageException, RocksDBException {
        NativeLibrary.load();
        List<AbstractNativeReference> freedLast = new ArrayList<>();
        try {
            Cache cache = kept(freedLast, new LRUCache(options.number(RocksDbStorageProvider.BLOCK_CACHE_BYTES)));
            Filter filter = kept(freedLast, new BloomFilter(10));
            ColumnFamilyOptions metaOptions = kept(freedLast, Settings.family(options, cache, filter));
            ColumnFamilyOptions logOptions = kept(freedLast, Settings.family(options, cache, filter));
            DBOptions dbOptions = kept(freedLast, Settings.database(options));
            dbOptions.setListeners(List.of(kept(freedLast, new NoRecovery())));
            List<ColumnFamilyDescriptor> families = List.of(
                    new ColumnFamilyDescriptor(META_FAMILY, metaOptions),
                    new ColumnFamilyDescriptor(LOG_FAMILY, logOptions));
            List<ColumnFamilyHandle> handles = new ArrayList<>();
            if (!logs.equals(directory)) {
                dbOptions.setWalDir(logs.toString());
            }
            RocksDB database = opening.open(dbOptions, directory.toString(), families, handles);
            return new OpenDatabase(directory, database, handles.get(0), handles.get(1), freedLast);
        } catch (RocksDBException | RuntimeException | Error e) {
            freeAll(freedLast);
            throw e;
        }
    }

    /** Closes the database, then what it used; an error of the last flush is told. */
    void close() throws RocksDBException {
        try {
            meta.close();
            log.close();
            database.closeE();
        } finally {
            database.close();
            freeAll(freedLast);
        }
    }

    /** Closes it, whatever happens. */
    void free() {
        meta.close();
        log.close();
        database.close();
        freeAll(freedLast);
    }

    @FunctionalInterface
    private interface Opening {
        RocksDB open(
                DBOptions options,
                String directory,
                List<ColumnFamilyDescriptor> families,
                List<ColumnFamilyHandle> handles)
                throws RocksDBException;
    }

    private static <T extends AbstractNativeReference> T kept(List<AbstractNativeReference> freedLast, T object) {
        freedLast.add(0, object);
        return object;
    }

    private static void freeAll(List<AbstractNativeReference> objects) {
        objects.forEach(AbstractNativeReference::close);
    }

    StorageException.Corrupted damaged(String what) {
        return new StorageException.Corrupted(
                directory + ": " + what
                        + ". Keep a copy of the directory; take this server out of its cluster and add it again as a new member"
                        + " with an empty directory. Only where no majority is whole, put back a backup of the whole directory");
    }
}
