// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Files that are made durable, together with the directories that lead to them. */
final class ForcedFiles {

    // They are the state machine's: it may have made them read-only, and it works on them at the same time.
    // A file that has vanished by the time it is to be forced is a file no longer needed, or one that has
    // another name now, so the directory is looked through again. Not for ever: a state machine that goes on
    // making and removing files would keep the log from going on.

    private static final int MAX_WALKS = 10;

    // Windows flushes through writable handles only
    private static final OpenOption TO_FORCE = System.getProperty("os.name", "").startsWith("Windows")
            ? StandardOpenOption.WRITE
            : StandardOpenOption.READ;

    private final List<Path> roots;
    private final Set<Path> directories = new LinkedHashSet<>();

    /** @param roots absolute; directories that lead from one of these to a file are forced */
    ForcedFiles(Path... roots) {
        this.roots = List.of(roots);
    }

    /** Forces a file; its directories follow with {@link #forceDirectories}. */
    void force(Path file) throws IOException {
        var unused = forceIfThere(file);
    }

    /** Forces all files below a directory; the directories follow with {@link #forceDirectories}. */
    void forceBelow(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            for (int walks = 0; walks < MAX_WALKS; walks++) {
                Walk walk = new Walk();
                Files.walkFileTree(directory, walk);
                if (!walk.missed) {
                    break;
                }
            }
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            directories.add(parent);
        }
    }

    /** Forces the directories of all that was forced. */
    void forceDirectories() throws IOException {
        for (Path directory : directories) {
            try {
                StableFile.forceDirectory(directory);
            } catch (NoSuchFileException e) {
                if (Files.exists(directory)) { // else it was removed meanwhile
                    throw e;
                }
            }
        }
    }

    /** Returns false if there is nothing of this name, or not any more. */
    private boolean forceIfThere(Path file) throws IOException {
        Path absolute = file.toAbsolutePath().normalize();
        if (!Files.isRegularFile(absolute)) {
            // a state machine may list what is no file of this machine
            return Files.exists(absolute, LinkOption.NOFOLLOW_LINKS);
        }
        try (StableFile opened = StableFile.open(absolute, TO_FORCE)) {
            opened.force();
        } catch (NoSuchFileException e) {
            return false;
        }
        Path directory = absolute.getParent();
        if (directory != null) {
            directories.add(directory); // wherever it is: a state machine may keep its snapshots where it likes
        }
        for (; directory != null && roots.stream().anyMatch(directory::startsWith); directory = directory.getParent()) {
            directories.add(directory);
        }
        return true;
    }

    private final class Walk extends SimpleFileVisitor<Path> {
        private boolean missed;

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            directories.add(directory);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (Files.isDirectory(file)) { // a link to one
                directories.add(file);
            } else if (!forceIfThere(file)) {
                missed = true;
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (!(failure instanceof NoSuchFileException)) {
                throw failure;
            }
            missed = true;
            return FileVisitResult.CONTINUE;
        }
    }
}
