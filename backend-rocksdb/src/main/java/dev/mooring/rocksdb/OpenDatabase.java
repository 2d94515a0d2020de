// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Options;
import dev.mooring.spi.Repair;
import dev.mooring.spi.Shielded;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Filter;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksObject;
import org.rocksdb.WALRecoveryMode;

/** An open RocksDB with its column families and everything that has to be freed after it, and the decisions of opening. */
final class OpenDatabase {

    /*
     * Of RocksDB's four recovery modes the default (kPointInTimeRecovery) cuts the log at the first bad record without a
     * word, wherever that lies, and kAbsoluteConsistency refuses for ever after an ordinary torn tail.
     * kTolerateCorruptedTailRecords refuses damage in the middle and forgives a torn tail, but not every torn tail. So when
     * it refuses, two read-only probes decide: if skipping every bad record finds no later change than cutting at the first
     * one does, then nothing valid follows the bad record: it is the torn tail, and if the mark does not prove that more
     * was acknowledged, it never was.
     */

    private static final byte[] LOG_FAMILY = "log".getBytes(StandardCharsets.UTF_8);
    private static final byte[] META_FAMILY = RocksDB.DEFAULT_COLUMN_FAMILY;

    final Path directory;
    final RocksDB database;
    final ColumnFamilyHandle meta;
    final ColumnFamilyHandle log;

    private final List<RocksObject> freedLast;

    private OpenDatabase(
            Path directory,
            RocksDB database,
            ColumnFamilyHandle meta,
            ColumnFamilyHandle log,
            List<RocksObject> freedLast) {
        this.directory = directory;
        this.database = database;
        this.meta = meta;
        this.log = log;
        this.freedLast = freedLast;
    }

    static OpenDatabase open(BackendContext context) throws IOException {
        Path directory = context.directory();
        if (!directory.getFileSystem().equals(FileSystems.getDefault())) {
            throw new StorageException.Refused(
                    directory + " is not on the default file system, and RocksDB's native code"
                            + " can open no other. Use the backend 'files' there");
        }
        loadLibrary();
        boolean exists = Files.exists(directory.resolve("CURRENT"));
        if (!exists && !isEmpty(directory)) {
            throw new StorageException.Corrupted(
                    directory + " holds files, but RocksDB's CURRENT is missing. Put the whole"
                            + " directory back from one backup, or rebuild this server from its peers");
        }
        if (!context.endedCleanly()) {
            // what the page cache shows may never have reached the disk; recovery reads it and must not build on sand
            StableFile.forceTree(directory);
        }
        try {
            return open(directory, context.options(), WALRecoveryMode.TolerateCorruptedTailRecords, Access.WRITE);
        } catch (RocksDBException e) {
            if (!exists || !Faults.isCorruption(e) || context.endedCleanly()) {
                throw Faults.explain(directory, "it can not be opened", e);
            }
            return openAfterTornTail(context, e);
        }
    }

    private static OpenDatabase openAfterTornTail(BackendContext context, RocksDBException refusal) throws IOException {
        Path directory = context.directory();
        try {
            long beyond = probe(context, WALRecoveryMode.SkipAnyCorruptedRecords);
            long cut = probe(context, WALRecoveryMode.PointInTimeRecovery);
            if (beyond != cut || cut < context.provenSequence()) {
                throw new StorageException.Corrupted(
                        directory + ": a damaged record lies before change "
                                + Math.max(beyond, context.provenSequence())
                                + ", which was acknowledged; only " + cut
                                + " changes come before it. Put the whole directory"
                                + " back from one backup, or rebuild this server from its peers. RocksDB says: "
                                + refusal.getMessage(),
                        refusal);
            }
            OpenDatabase opened = open(directory, context.options(), WALRecoveryMode.PointInTimeRecovery, Access.WRITE);
            context.report(new Repair(
                    directory,
                    0,
                    "a torn last save was cut off; it was never acknowledged. What is left ends at change " + cut
                            + ". RocksDB says: " + refusal.getMessage()));
            return opened;
        } catch (RocksDBException e) {
            throw Faults.explain(directory, "it can not be opened, not even to be probed", e);
        }
    }

    private static long probe(BackendContext context, WALRecoveryMode mode) throws RocksDBException {
        OpenDatabase probed = open(context.directory(), context.options(), mode, Access.READ);
        try {
            byte[] stored = probed.database.get(probed.meta, Keys.SEQUENCE);
            return stored == null || stored.length < 8
                    ? 0
                    : ByteBuffer.wrap(stored).getLong();
        } finally {
            probed.free();
        }
    }

    private enum Access {
        READ,
        WRITE
    }

    private static OpenDatabase open(Path directory, Options options, WALRecoveryMode mode, Access access)
            throws RocksDBException {
        List<RocksObject> freedLast = new ArrayList<>();
        try {
            Cache cache = kept(freedLast, new LRUCache(options.number(RocksDbStorageProvider.BLOCK_CACHE_BYTES)));
            Filter filter = kept(freedLast, new BloomFilter(10));
            ColumnFamilyOptions metaOptions = kept(freedLast, familyOptions(options, cache, filter));
            ColumnFamilyOptions logOptions = kept(freedLast, familyOptions(options, cache, filter));
            DBOptions dbOptions = kept(freedLast, databaseOptions(options, mode));
            List<ColumnFamilyDescriptor> families = List.of(
                    new ColumnFamilyDescriptor(META_FAMILY, metaOptions),
                    new ColumnFamilyDescriptor(LOG_FAMILY, logOptions));
            List<ColumnFamilyHandle> handles = new ArrayList<>();
            RocksDB database = access == Access.WRITE
                    ? RocksDB.open(dbOptions, directory.toString(), families, handles)
                    : RocksDB.openReadOnly(dbOptions, directory.toString(), families, handles);
            return new OpenDatabase(directory, database, handles.get(0), handles.get(1), freedLast);
        } catch (RocksDBException | RuntimeException | Error e) {
            freeAll(freedLast);
            throw e;
        }
    }

    private static ColumnFamilyOptions familyOptions(Options options, Cache cache, Filter filter) {
        return new ColumnFamilyOptions()
                .setWriteBufferSize(options.number(RocksDbStorageProvider.WRITE_BUFFER_BYTES))
                .setCompressionType(
                        switch (options.text(RocksDbStorageProvider.COMPRESSION)) {
                            case "lz4" -> CompressionType.LZ4_COMPRESSION;
                            case "zstd" -> CompressionType.ZSTD_COMPRESSION;
                            default -> CompressionType.NO_COMPRESSION;
                        })
                .setTableFormatConfig(
                        new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(filter));
    }

    private static DBOptions databaseOptions(Options options, WALRecoveryMode mode) throws RocksDBException {
        Properties withoutSetters = new Properties();
        withoutSetters.setProperty("track_and_verify_wals", "true"); // a missing log file is found by nothing else
        withoutSetters.setProperty("verify_manifest_content_on_close", "true");
        DBOptions made = DBOptions.getDBOptionsFromProps(withoutSetters);
        if (made == null) {
            throw new RocksDBException("this version of RocksDB does not know " + withoutSetters.stringPropertyNames());
        }
        return made.setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setWalRecoveryMode(mode)
                .setParanoidChecks(true)
                .setRecycleLogFileNum(0)
                .setManualWalFlush(false)
                .setAllowMmapReads(false)
                .setAllowMmapWrites(false)
                .setAvoidFlushDuringRecovery(false) // recovery rewrites what it found in the log into a sorted file
                .setAvoidFlushDuringShutdown(false)
                .setMaxOpenFiles(-1)
                .setMaxTotalWalSize(4 * options.number(RocksDbStorageProvider.WRITE_BUFFER_BYTES))
                .setBytesPerSync(1 << 20)
                .setMaxBackgroundJobs(2)
                .setKeepLogFileNum(5)
                .setMaxLogFileSize(1 << 20)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setStatsDumpPeriodSec(0);
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

    private void free() {
        meta.close();
        log.close();
        database.close();
        freeAll(freedLast);
    }

    private static <T extends RocksObject> T kept(List<RocksObject> freedLast, T object) {
        freedLast.add(0, object);
        return object;
    }

    private static void freeAll(List<RocksObject> objects) {
        objects.forEach(RocksObject::close);
    }

    /** On a thread of its own: RocksDB's loader loses an interrupt. */
    private static void loadLibrary() throws IOException {
        try {
            Shielded.call("mooring-rocksdb-loader", () -> {
                RocksDB.loadLibrary();
                return true;
            });
        } catch (LinkageError | RuntimeException e) {
            throw new StorageException.Refused(
                    "RocksDB's native library can not be loaded on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + ": " + e.getMessage()
                            + ". If the temporary directory forbids execution, set ROCKSDB_SHAREDLIB_DIR to one that does not;"
                            + " on a platform that the jar does not cover, choose another backend such as 'files'",
                    e);
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }
}
