// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Deletes what it can and tells what it cannot: one stubborn file keeps no other from going. */
final class Deletion {

    private final BiConsumer<Path, IOException> undeleted;

    Deletion(BiConsumer<Path, IOException> undeleted) {
        this.undeleted = undeleted;
    }

    /** Deletes a directory with all that is in it, or a file; a link goes, not what it leads to. */
    boolean tree(Path path) {
        try {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && !children(path)) {
                return false; // told already
            }
            Files.deleteIfExists(path);
            return true;
        } catch (NoSuchFileException e) {
            return true; // somebody else was quicker
        } catch (IOException e) {
            undeleted.accept(path, e);
            return false;
        }
    }

    private boolean children(Path directory) throws IOException {
        boolean all = true;
        for (Path child : list(directory)) {
            all &= tree(child);
        }
        return all;
    }

    /** Tells of something that could not be taken away as a whole. */
    void failed(Path path, IOException cause) {
        undeleted.accept(path, cause);
    }

    /** What is in a directory, as it was at one moment. */
    static List<Path> list(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            children.forEach(found::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
