// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The directory beside the target in which everything is made ready: {@code <target>.migrating}, with a copy of the source
 * and the unfinished target. What a killed migration left in it is thrown away by the next one.
 */
final class Workshop implements AutoCloseable {

    // opening a storage may mend and clean up, so a copy is opened, and the source itself only read

    private static final String SIGN = "MIGRATION";

    private final Path root;
    private final Path to;
    private final FileChannel sign;

    private Workshop(Path root, Path to, FileChannel sign) {
        this.root = root;
        this.to = to;
        this.sign = sign;
    }

    static Workshop open(Path to) throws IOException {
        Path parent = to.getParent();
        if (parent == null) {
            throw new UserError(to + " can not be a storage's directory. Choose one below it");
        }
        Path root = to.resolveSibling(to.getFileName() + ".migrating");
        boolean foreign = Files.exists(root) && !Files.exists(root.resolve(SIGN)) && !isEmpty(root);
        if (foreign) {
            throw new UserError(root + " is in the way, and no migration made it. Remove it or choose another target");
        }
        Files.createDirectories(root);
        FileChannel sign = FileChannel.open(root.resolve(SIGN), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!isFree(sign)) {
                throw new UserError("Another migration to " + to + " is running. Wait for it, or stop it");
            }
            Workshop workshop = new Workshop(root, to, sign);
            delete(workshop.source());
            delete(workshop.target());
            return workshop;
        } catch (IOException | RuntimeException e) {
            sign.close();
            throw e;
        }
    }

    /** Holds the copy of the source. */
    Path source() {
        return root.resolve("source");
    }

    /** Holds the target until it is published. */
    Path target() {
        return root.resolve("target");
    }

    /** Copies the source; with a node, into a subdirectory of its name, as an opening wants to find it. */
    void copySource(Path from, @Nullable String node) throws IOException {
        Path copy = node == null ? source() : source().resolve(node);
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectories(copy.resolve(from.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, copy.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Gives the finished target its name: it appears whole or not at all. */
    void publish(@Nullable String node) throws IOException {
        Path made = node == null ? target() : target().resolve(node);
        StableFile.forceTree(made);
        Files.deleteIfExists(to); // empty, else it had been refused
        StableFile.rename(made, to);
    }

    /** Removes everything that is not the target. */
    @Override
    public void close() throws IOException {
        sign.close();
        delete(root);
    }

    private static boolean isFree(FileChannel sign) throws IOException {
        try {
            return sign.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    private static void delete(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
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
}
