// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.reference.ReferenceProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes the reference backend with an {@link Oddity}. */
public final class OddProvider implements StorageProvider {

    /** The option that says what is odd. */
    public static final String ODDITY = "oddity";

    private final StorageProvider reference = new ReferenceProvider();

    @Override
    public String name() {
        return "odd";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>(reference.options());
        options.add(Option.choice(
                ODDITY,
                Oddity.LENDS_ONE_BUFFER.name(),
                Arrays.stream(Oddity.values()).map(Oddity::name).toList(),
                "what is odd, and legal"));
        return options;
    }

    @Override
    public Guarantees guarantees(Options options) {
        return reference.guarantees(options);
    }

    @Override
    public StorageBackend open(BackendContext context) throws IOException {
        return Oddity.valueOf(context.options().text(ODDITY)).open(context, reference::open);
    }
}
