// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import com.google.auto.service.AutoService;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import java.util.List;

/** Registers the backend {@code files}: a log of segment files in Java only. It survives power cuts. */
@AutoService(StorageProvider.class)
public final class FilesStorageProvider implements StorageProvider {

    static final String SEGMENT_BYTES = "segment-bytes";

    private static final long DEFAULT_SEGMENT_BYTES = 16L << 20;
    private static final long MIN_SEGMENT_BYTES = 64L << 10;
    private static final long MAX_SEGMENT_BYTES = 1L << 30;

    /** Does nothing; for {@link java.util.ServiceLoader}. */
    public FilesStorageProvider() {}

    @Override
    public String name() {
        return "files";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.number(
                SEGMENT_BYTES,
                DEFAULT_SEGMENT_BYTES,
                "bytes",
                MIN_SEGMENT_BYTES,
                MAX_SEGMENT_BYTES,
                "size of a file of the log; space comes back in pieces of this size"));
    }

    @Override
    public Guarantees guarantees(Options options) {
        return new Guarantees(Durability.POWER_LOSS, true);
    }

    @Override
    public StorageBackend open(BackendContext context) {
        return new FilesBackend(
                context,
                new BackgroundThread("mooring-files-" + context.directory().getFileName()),
                context.options().number(SEGMENT_BYTES));
    }
}
