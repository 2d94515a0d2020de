// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Copies, deletes and measures directories. */
final class Trees {

    private static final int MAX_COPIES = 1000;

    private Trees() {}

    /**
     * Copies as a crash of the process would leave it: what the page cache shows now. A backend may work in the background
     * while it is copied; a copy counts only if nothing changed meanwhile, for a mixture of two moments is no crash.
     */
    static void copy(Path from, Path to) throws IOException {
        for (int attempt = 0; attempt < MAX_COPIES; attempt++) {
            Map<String, String> before = fingerprints(from);
            try {
                copyOnce(from, to);
                if (before.equals(fingerprints(from))) {
                    return;
                }
            } catch (NoSuchFileException e) {
                // removed under the copy
            }
            delete(to);
        }
        throw new IOException(from + " changed during each of " + MAX_COPIES + " copies, with nobody calling");
    }

    private static Map<String, String> fingerprints(Path directory) throws IOException {
        Map<String, String> found = new TreeMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                found.put(
                        file.toString(),
                        attributes.fileKey() + " " + attributes.size() + " " + attributes.lastModifiedTime());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException vanished) {
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    private static void copyOnce(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectories(to.resolve(from.relativize(directory).toString()));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Sum of the lengths of all files, in bytes. */
    static long bytes(Path directory) throws IOException {
        long[] sum = {0};
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException vanished) {
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }
}
