// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.journal;

import com.google.auto.service.AutoService;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.util.List;

/** Registers the backend {@code journal}, which survives a power cut and finds damage in its file. */
@AutoService(StorageProvider.class)
public final class JournalStorageProvider implements StorageProvider {

    static final String REWRITE_BYTES = "rewrite-bytes";

    @Override
    public String name() {
        return "journal";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.number(
                REWRITE_BYTES,
                16 << 20,
                "bytes",
                4096,
                1L << 40,
                "length up to which the journal only grows; beyond it, it is written anew when it has doubled"));
    }

    @Override
    public Guarantees guarantees(Options options) {
        return new Guarantees(Durability.POWER_LOSS, true);
    }

    @Override
    public StorageBackend open(BackendContext context) throws IOException {
        return JournalBackend.open(context);
    }
}
