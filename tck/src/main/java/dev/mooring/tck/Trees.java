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

    private Trees() {}

    private static final int COPIES = 200;

    /**
     * Copies as a crash of the process would leave it: what the page cache shows at one moment. An engine may be at work in
     * the background, so a copy during which a file came, went or changed is thrown away and made anew.
     */
    static void copy(Path from, Path to) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Map<Path, String> before = stamps(from);
            try {
                copyOnce(from, to);
                if (stamps(from).equals(before)) {
                    return;
                }
            } catch (NoSuchFileException e) {
                if (stamps(from).equals(before)) {
                    throw e;
                }
            }
            delete(to);
            if (attempt == COPIES) {
                throw new NotRun(
                        from + " changed during each of " + COPIES + " copies, though nobody calls the backend:"
                                + " what a dead process would leave can not be copied beside its background work");
            }
        }
    }

    private static Map<Path, String> stamps(Path root) throws IOException {
        Map<Path, String> stamps = new TreeMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                stamps.put(
                        root.relativize(file),
                        attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException vanished) {
                return FileVisitResult.CONTINUE;
            }
        });
        return stamps;
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
