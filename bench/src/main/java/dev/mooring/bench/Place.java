// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a measurement is made. */
class Place {

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description =
                    "A directory on the disk to be measured; what is written is removed. Default: that for temporary files.")
    private @Nullable Path parent;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "An option of the storage.")
    private Map<String, String> settings = Map.of();

    private @Nullable Path directory;

    final Path directory() throws IOException {
        Path made = directory;
        if (made == null) {
            made = parent == null
                    ? Files.createTempDirectory("mooring-bench")
                    : Files.createTempDirectory(parent, "mooring-bench");
            directory = made;
        }
        return made;
    }

    final RaftStorage open(String backend, Path storage) throws IOException {
        StorageConfig config =
                StorageConfig.of(Map.of("mooring.backend", backend)).withDirectory(storage);
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            config = config.with(setting.getKey(), setting.getValue());
        }
        return RaftStorage.open(config);
    }

    final void remove() throws IOException {
        Path made = directory;
        if (made != null) {
            for (Path path :
                    tree(made).stream().sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Length of all files beneath; one that vanishes meanwhile counts for nothing. */
    static long bytes(Path directory) throws IOException {
        long bytes = 0;
        for (Path path : tree(directory)) {
            bytes += lengthBytes(path);
        }
        return bytes;
    }

    private static long lengthBytes(Path path) throws IOException {
        try {
            return Files.isRegularFile(path) ? Files.size(path) : 0;
        } catch (NoSuchFileException deletedMeanwhile) {
            return 0;
        }
    }

    static void copy(Path from, Path to) throws IOException {
        for (Path path : tree(from)) {
            Files.copy(path, to.resolve(from.relativize(path)));
        }
    }

    /** The directory and all beneath; parents come first. */
    private static List<Path> tree(Path directory) throws IOException {
        while (true) {
            try (Stream<Path> paths = Files.walk(directory)) {
                return paths.toList();
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e.getCause();
                }
                // a file was deleted while it was walked: look again
            }
        }
    }
}
