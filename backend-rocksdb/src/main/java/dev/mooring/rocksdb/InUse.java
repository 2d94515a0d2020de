// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is there while RocksDB may be writing, though the last end was clean: RocksDB writes to its books already when it
 * opens, long before a first change takes the mark of a clean end away. Made when all was found in order, never before.
 */
final class InUse {

    private static final String NAME = "IN-USE";

    private InUse() {}

    /** Whether an opening of RocksDB, or what followed, was cut off. */
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

    /** RocksDB is closed, and all that it wrote is durable. */
    static void clear(Path directory) throws IOException {
        if (Files.deleteIfExists(directory.resolve(NAME))) {
            StableFile.forceDirectory(directory);
        }
    }
}
