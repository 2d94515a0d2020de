// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Looks at entries of a directory without being misled: an error is never taken for absence. */
final class Entries {

    private static final int LISTED_AT_MOST = 5;

    private Entries() {}

    /** Attributes of what is there, not of what a link leads to; null if nothing is. */
    static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Whether a directory is there, or a link leads to one. */
    static boolean isDirectory(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).isDirectory();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    static boolean isEmptyDirectory(Path path) throws IOException {
        return isDirectory(path) && names(path, entry -> true).isEmpty();
    }

    /** The first few names of the entries that are chosen, in order, for an error to list. */
    static SortedSet<String> names(Path directory, DirectoryStream.Filter<Path> chosen) throws IOException {
        SortedSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (chosen.accept(entry)) {
                    names.add(entry.getFileName().toString());
                }
                if (names.size() == LISTED_AT_MOST) {
                    break; // a directory of somebody else may hold millions
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** Opens a file of ours that is created if need be, and is nothing else: a pipe would hang us, a link lead astray. */
    static StableFile openOwn(Path file) throws IOException {
        BasicFileAttributes attributes = attributes(file);
        if (attributes != null && !attributes.isRegularFile()) {
            throw new StorageException.Refused(
                    file + " is not a regular file. Remove it while nothing runs on this directory");
        }
        return StableFile.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** The whole of a small file. What is no regular file is not opened: a pipe in its place would hang us. */
    static ByteBuffer read(Path file, int maxBytes) throws IOException {
        BasicFileAttributes attributes = attributes(file);
        if (attributes == null) {
            throw new NoSuchFileException(file.toString());
        }
        if (!attributes.isRegularFile()) {
            throw new StorageException.Corrupted(
                    file + " is not a regular file. Nothing was changed. " + Damage.REMEDY);
        }
        try (StableFile opened = StableFile.open(file, StandardOpenOption.READ)) {
            long size = opened.size();
            if (size > maxBytes) {
                throw StorageException.Corrupted.at(
                        file,
                        0,
                        "the file has " + size + " bytes, more than the " + maxBytes
                                + " it can have. Nothing was changed. " + Damage.REMEDY);
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            opened.readFully(bytes, 0);
            return bytes.flip();
        }
    }
}
