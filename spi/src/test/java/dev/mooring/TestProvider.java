// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import java.util.List;

/** A provider for choosing, not for opening; {@code sync=never} lowers what it claims. */
record TestProvider(String name) implements StorageProvider {

    @Override
    public List<Option> options() {
        return List.of(
                Option.number("segment-bytes", 1024, "bytes", 512, 1 << 30, "size of a segment"),
                Option.flag("direct", "false", "bypasses the page cache"),
                Option.choice("sync", "always", List.of("always", "never"), "never loses data"),
                Option.text("label", "", "a text"));
    }

    @Override
    public Guarantees guarantees(Options options) {
        boolean synced = options.text("sync").equals("always");
        return new Guarantees(synced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH, true);
    }

    @Override
    public StorageBackend open(BackendContext context) {
        throw new UnsupportedOperationException("choosing opens nothing");
    }
}
