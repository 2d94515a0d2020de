// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy.custom;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.util.List;

/** Registers the backend {@code journal}, as somebody outside of the project would: in a jar of its own, by hand. */
public final class JournalStorageProvider implements StorageProvider {

    @Override
    public String name() {
        return "journal";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public Guarantees guarantees(Options options) {
        return new Guarantees(Durability.POWER_LOSS, true);
    }

    @Override
    public StorageBackend open(BackendContext context) throws IOException {
        return new JournalBackend(context.directory());
    }
}
