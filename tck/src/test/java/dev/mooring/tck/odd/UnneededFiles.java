// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.StorageBackend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@link Oddity#KEEPS_FILES_THAT_IT_DOES_NOT_NEED}. */
final class UnneededFiles {

    private static final int SPARE_BYTES = 40_000;

    private UnneededFiles() {}

    static StorageBackend open(BackendContext context, Opening opening) throws IOException {
        StorageBackend opened = opening.open(context); // first, for it says why a directory can not be used
        try {
            Path spares = context.directory().resolve("spares");
            Files.createDirectories(spares);
            Path spare = spares.resolve("zeros");
            if (!Files.exists(spare) || Files.size(spare) != SPARE_BYTES) {
                Files.write(spare, new byte[SPARE_BYTES]);
            }
            Files.write(
                    context.directory().resolve("opened.txt"),
                    ("opened after change " + context.provenSequence()).getBytes(StandardCharsets.UTF_8));
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }
}
