// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import com.google.auto.service.AutoService;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.ConfinedBackend;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import dev.mooring.spi.ordered.OrderedBackend;
import java.io.IOException;
import java.util.List;

/** Registers the backend {@code xodus}. */
@AutoService(StorageProvider.class)
public final class XodusStorageProvider implements StorageProvider {

    static final String SYNC = "sync";
    static final String FILE_BYTES = "file-bytes";
    static final String CACHE_BYTES = "cache-bytes";

    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    /** For ServiceLoader. */
    public XodusStorageProvider() {}

    @Override
    public String name() {
        return "xodus";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.choice(
                        SYNC,
                        "always",
                        List.of("always", "never"),
                        "never leaves syncing to Xodus, every ten seconds or so: a power cut loses acknowledged entries, and"
                                + " usually ends in Corrupted"),
                Option.number(
                        FILE_BYTES,
                        8 * MIB,
                        "bytes",
                        256 * KIB,
                        GIB,
                        "length of a file of Xodus' log, in whole 64 KiB; what a storage was created with stays"),
                Option.number(
                        CACHE_BYTES,
                        32 * MIB,
                        "bytes",
                        4 * MIB,
                        16 * GIB,
                        "heap for pages of the log; must fit into -Xmx beside everything else"));
    }

    /** Xodus 2 has no checksums; entries and records are protected all the same. */
    @Override
    public Guarantees guarantees(Options options) {
        boolean synced = options.text(SYNC).equals("always");
        return new Guarantees(synced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH, false);
    }

    @Override
    public StorageBackend open(BackendContext context) throws IOException {
        // an interrupt of the calling thread would close Xodus' files under everybody
        return ConfinedBackend.open("mooring-xodus", () -> new OrderedBackend(context, OpenEnvironment.open(context)));
    }
}
