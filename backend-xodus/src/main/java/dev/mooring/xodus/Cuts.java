// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Cuts off ends of Xodus' log and deletes its files: what was only wanted, and what is done at once. Guarded by its writer. */
final class Cuts {

    private static final System.Logger LOG = System.getLogger(Cuts.class.getName());

    private final Path directory;
    private final LogFiles files;
    private final List<Cut> wanted = new ArrayList<>();
    private final NavigableSet<Long> undeleted = new TreeSet<>(); // files, by address, that Xodus takes for deleted

    Cuts(Path directory, LogFiles files) {
        this.directory = directory;
        this.files = files;
        Path hidden = files.hidden();
        if (hidden != null) {
            wanted.add(new Cut(hidden, null));
        }
    }

    /** What Xodus wants to cut off at open: a file from this length on; the whole file if that is null. */
    record Cut(Path file, @Nullable Long lengthBytes) {}

    List<Cut> wanted() {
        return List.copyOf(wanted);
    }

    void want(long address, @Nullable Long lengthBytes) {
        wanted.add(new Cut(files.path(address), lengthBytes));
    }

    /** Does what was wanted, durably. */
    void applyWanted() throws IOException {
        for (Cut cut : wanted) {
            apply(cut);
            // newest first: a file that comes back, after one that was cut meanwhile, would make the log unreadable
            StableFile.forceDirectory(directory);
        }
        wanted.clear();
    }

    void truncate(long address, long lengthBytes) throws IOException {
        checkNothingIsLeftAbove(address);
        apply(new Cut(files.path(address), lengthBytes));
    }

    /** The log would have a hole before such a file, and could not be opened. */
    private void checkNothingIsLeftAbove(long address) throws IOException {
        Long left = undeleted.higher(address);
        if (left != null) {
            throw new IOException(files.path(left) + " can not be deleted, and belongs to a change that failed");
        }
    }

    /** What the cleaner deletes it has copied elsewhere: left, it takes up space and comes back with the next opening. */
    void deleteOrLeave(long address) {
        Path file = files.path(address);
        try {
            apply(new Cut(file, null));
        } catch (IOException e) {
            undeleted.add(address);
            LOG.log(
                    System.Logger.Level.WARNING,
                    file + " can not be deleted, and takes up space until it can. Nothing in it is needed any"
                            + " more; it is tried again after the storage was opened again",
                    e);
        }
    }

    private static void apply(Cut cut) throws IOException {
        Long lengthBytes = cut.lengthBytes();
        if (lengthBytes == null) {
            Files.deleteIfExists(cut.file());
            return;
        }
        try (StableFile file = StableFile.open(cut.file(), StandardOpenOption.WRITE)) {
            file.truncate(lengthBytes);
            file.force();
        }
    }
}
