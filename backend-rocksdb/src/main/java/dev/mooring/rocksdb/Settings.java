// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.Options;
import java.util.Properties;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Filter;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;

/** RocksDB's settings. What could lose data is decided here and can not be configured. */
final class Settings {

    private Settings() {}

    static ColumnFamilyOptions family(Options options, Cache cache, Filter filter) {
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

    static DBOptions database(Options options) throws RocksDBException {
        Properties withoutSetters = new Properties();
        withoutSetters.setProperty("track_and_verify_wals", "true"); // a missing log file is found by nothing else
        withoutSetters.setProperty("verify_manifest_content_on_close", "true");
        DBOptions made = DBOptions.getDBOptionsFromProps(withoutSetters);
        if (made == null) {
            throw new RocksDBException("this version of RocksDB does not know " + withoutSetters.stringPropertyNames());
        }
        return made.setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setWalRecoveryMode(WALRecoveryMode.AbsoluteConsistency) // what is torn was cut off before
                .setParanoidChecks(true)
                .setMaxBgErrorResumeCount(0) // a failed flush is told; for want of space see NoRecovery
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
}
