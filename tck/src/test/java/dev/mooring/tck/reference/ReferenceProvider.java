// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.reference;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Makes {@link ReferenceBackend}. */
public final class ReferenceProvider implements StorageProvider {

    static final String SEGMENT_BYTES = "segment-bytes";
    static final String BUG = "bug";

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.number(SEGMENT_BYTES, 1 << 20, "bytes", 4096, 1 << 30, "length at which the file is rewritten"),
                Option.choice(
                        BUG,
                        Bug.NONE.name(),
                        Arrays.stream(Bug.values()).map(Bug::name).toList(),
                        "what is deliberately wrong; anything but NONE can lose data"));
    }

    @Override
    public Guarantees guarantees(Options options) {
        return new Guarantees(Durability.POWER_LOSS, true);
    }

    @Override
    public StorageBackend open(BackendContext context) throws IOException {
        return ReferenceBackend.open(context);
    }
}
