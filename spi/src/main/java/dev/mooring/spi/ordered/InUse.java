// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file {@code IN-USE} that is in a backend's directory while its engine may be writing of its own accord, though the last end
 * was clean: RocksDB writes to its books already when it opens, and the cleaner of Xodus begins files from the opening on, long
 * before a first change takes the core's mark of a clean end away. An adapter of such an engine trusts {@link
 * dev.mooring.spi.BackendContext#endedCleanly} only where this file is not, makes it once all was found in order, never before,
 * and removes it when the engine is closed and all that it wrote is durable.
 *
 * <p>An engine that writes only when it is told to has no need of it.
 */
public final class InUse {

    private static final String NAME = "IN-USE";

    private InUse() {}

    /**
     * {@return whether an opening of the engine, or what followed, was cut off}
     *
     * @param directory of the backend
     * @throws IOException if that can not be told
     */
    public static boolean isSet(Path directory) throws IOException {
        return StableFile.exists(directory.resolve(NAME));
    }

    /**
     * Makes the file, durable with its directory entry when this returns.
     *
     * @param directory of the backend
     * @throws IOException if it can not be made or forced
     */
    public static void set(Path directory) throws IOException {
        try (StableFile file =
                StableFile.open(directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.force();
        }
        StableFile.forceDirectory(directory);
    }

    /**
     * Removes the file, durable when this returns; nothing happens if there is none.
     *
     * @param directory of the backend
     * @throws IOException if it can not be removed, or the directory not forced
     */
    public static void clear(Path directory) throws IOException {
        if (Files.deleteIfExists(directory.resolve(NAME))) {
            StableFile.forceDirectory(directory);
        }
    }
}
