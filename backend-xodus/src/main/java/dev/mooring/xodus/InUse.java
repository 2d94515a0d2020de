// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is there while Xodus may be writing, though the last end was clean: its cleaner moves what is alive and begins
 * files from the opening on, long before a first change takes the mark of a clean end away. Made when all was found in order,
 * never before.
 */
final class InUse {

    private static final String NAME = "IN-USE";

    private InUse() {}

    /** Whether what followed an opening was cut off. */
    static boolean isSet(Path directory) {
        return Files.exists(directory.resolve(NAME));
    }

    /** Durable when this returns. */
    static void set(Path directory) throws IOException {
        try (StableFile file =
                StableFile.open(directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.force();
        }
        StableFile.forceDirectory(directory);
    }

    /** Xodus is closed, and all that it wrote is durable. */
    static void clear(Path directory) throws IOException {
        if (Files.deleteIfExists(directory.resolve(NAME))) {
            StableFile.forceDirectory(directory);
        }
    }
}
