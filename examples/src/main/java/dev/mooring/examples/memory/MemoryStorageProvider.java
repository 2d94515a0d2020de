// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.memory;

import com.google.auto.service.AutoService;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import java.util.List;

/** Registers the backend {@code memory}, which forgets everything when it is closed, and says so. */
@AutoService(StorageProvider.class)
public final class MemoryStorageProvider implements StorageProvider {

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public Guarantees guarantees(Options options) {
        return new Guarantees(Durability.VOLATILE, true);
    }

    @Override
    public StorageBackend open(BackendContext context) {
        return new MemoryBackend();
    }
}
