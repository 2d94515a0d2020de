// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import com.google.auto.service.AutoService;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import dev.mooring.spi.ordered.OrderedBackend;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;

/** Registers the backend {@code rocksdb}. */
@AutoService(StorageProvider.class)
public final class RocksDbStorageProvider implements StorageProvider {

    static final String SYNC = "sync";
    static final String WRITE_BUFFER_BYTES = "write-buffer-bytes";
    static final String BLOCK_CACHE_BYTES = "block-cache-bytes";
    static final String COMPRESSION = "compression";

    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    /** For ServiceLoader. */
    public RocksDbStorageProvider() {}

    @Override
    public String name() {
        return "rocksdb";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.choice(
                        SYNC,
                        "always",
                        List.of("always", "never"),
                        "never leaves syncing to the operating system: a power cut loses acknowledged entries, and usually"
                                + " ends in Corrupted"),
                Option.number(
                        WRITE_BUFFER_BYTES,
                        16 * MIB,
                        "bytes",
                        64 * KIB,
                        GIB,
                        "memory filled before a sorted file is written; four times as much, and two saves, may wait in"
                                + " RocksDB's log"),
                Option.number(
                        BLOCK_CACHE_BYTES, 8 * MIB, "bytes", MIB, 64 * GIB, "memory for blocks read from sorted files"),
                Option.choice(
                        COMPRESSION,
                        "none",
                        List.of("none", "lz4", "zstd"),
                        "compression of sorted files; payloads are often compressed already"));
    }

    @Override
    public Guarantees guarantees(Options options) {
        boolean synced = options.text(SYNC).equals("always");
        return new Guarantees(synced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH, true);
    }

    @Override
    public StorageBackend open(BackendContext context) throws IOException {
        Path directory = context.directory();
        if (!directory.getFileSystem().equals(FileSystems.getDefault())) {
            throw new StorageException.Refused(
                    directory + " is not on the default file system, and RocksDB's native code"
                            + " can open no other. Use the backend 'files' there");
        }
        return new OrderedBackend(context, Engine.open(context));
    }
}
