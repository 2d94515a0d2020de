// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import com.google.auto.service.AutoService;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import dev.mooring.spi.ordered.OrderedBackend;
import java.io.IOException;
import java.util.List;

/** Registers the backend {@code lmdb}. */
@AutoService(StorageProvider.class)
public final class LmdbStorageProvider implements StorageProvider {

    static final String SYNC = "sync";
    static final String FILE_BYTES = "file-bytes";
    static final String MAX_FILE_BYTES = "max-file-bytes";
    static final String MAX_READERS = "max-readers";

    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    /** For ServiceLoader. */
    public LmdbStorageProvider() {}

    @Override
    public String name() {
        return "lmdb";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.choice(
                        SYNC,
                        "always",
                        List.of("always", "never"),
                        "never leaves syncing to the operating system: a power cut loses acknowledged entries, which"
                                + " usually ends in Corrupted, or makes the whole file unreadable"),
                Option.number(
                        FILE_BYTES,
                        16 * MIB,
                        "bytes",
                        128 * KIB,
                        64 * GIB,
                        "length a new data file begins with, mostly unallocated; max-file-bytes if that is less. It grows"
                                + " by itself"),
                Option.number(
                        MAX_FILE_BYTES,
                        256 * GIB,
                        "bytes",
                        128 * KIB,
                        16 * 1024 * GIB,
                        "length the data file never exceeds: a save that needs more fails"),
                Option.number(
                        MAX_READERS,
                        126,
                        "reads",
                        1,
                        4096,
                        "reads at the same time; a further one waits for its turn"));
    }

    /** Pages carry no checksum in LMDB 0.9; entries and records are protected all the same. */
    @Override
    public Guarantees guarantees(Options options) {
        boolean synced = options.text(SYNC).equals("always");
        return new Guarantees(synced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH, false);
    }

    @Override
    public StorageBackend open(BackendContext context) throws IOException {
        return new OrderedBackend(context, Environment.open(context));
    }
}
