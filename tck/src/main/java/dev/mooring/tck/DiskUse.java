// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Space that files take, those included that have lost their name and are open still. */
final class DiskUse {

    // Linux only; elsewhere files without a name are not counted
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    private static final String NAMELESS = " (deleted)";

    private DiskUse() {}

    /** Bytes of all files of a directory and below. */
    static long of(Path directory) throws IOException {
        long bytes = Trees.bytes(directory);
        if (Files.isDirectory(OPEN_FILES)) {
            try (DirectoryStream<Path> opened = Files.newDirectoryStream(OPEN_FILES)) {
                for (Path file : opened) {
                    bytes += nameless(file, directory);
                }
            }
        }
        return bytes;
    }

    private static long nameless(Path file, Path directory) {
        try {
            String target = Files.readSymbolicLink(file).toString();
            boolean counts = target.endsWith(NAMELESS) && target.startsWith(directory.toRealPath() + "/");
            return counts ? Files.size(file) : 0;
        } catch (IOException closedMeanwhile) {
            return 0;
        }
    }
}
