// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.InstalledBackends;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.StorageInfo;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A storage that is read and never written to, by way of a copy of it.
 *
 * @param directory its own directory, without links
 * @param info what it says of itself
 */
public record Source(Path directory, StorageInfo info) {

    /**
     * Looks at it without touching it.
     *
     * @param given the storage's own directory; with nodes, that of one node
     * @throws UserError if there is none, or one that holds nothing while it is closed
     * @throws StorageException.Corrupted if it can not be told which one it is
     */
    public static Source look(Path given) throws IOException {
        boolean isDirectory;
        try {
            isDirectory = Files.readAttributes(given, BasicFileAttributes.class).isDirectory();
        } catch (NoSuchFileException e) {
            throw new UserError(given + " is not there. Give the storage's own directory", e);
        }
        if (!isDirectory) {
            throw new UserError(given + " is not a directory. Give the storage's own directory");
        }
        Path directory = given.toRealPath();
        StorageInfo info = StorageInfo.read(directory);
        if (info == null) {
            refuseWithoutIdentity(directory);
            throw new UserError(
                    directory + " holds no storage (it has no IDENTITY). With nodes, give the directory of one node");
        }
        if (!info.durable()) {
            throw new UserError(directory + " was written by '" + info.backend()
                    + "', which keeps nothing over a close: there is nothing in it");
        }
        return new Source(directory, info);
    }

    /** The identity is there before all else, and stays. */
    private static void refuseWithoutIdentity(Path directory) throws IOException {
        for (String part : List.of("MARK", "data", "snapshots")) {
            if (StableFile.exists(directory.resolve(part))
                    && !StableFile.exists(directory.resolve("IDENTITY"))
                    && !StableFile.exists(directory.resolve("IDENTITY.tmp"))) {
                throw new StorageException.Corrupted(directory + " has " + part + " but no IDENTITY, which is written"
                        + " before anything is acknowledged and never removed. No storage opens it");
            }
        }
    }

    /** Refuses a source that nobody here can read, before hours are spent on copying it. */
    public void requireBackend() {
        boolean isInstalled = InstalledBackends.find().backends().stream()
                .anyMatch(installed -> installed.name().equals(info.backend()));
        if (!isInstalled) {
            throw new UserError(directory + " was written by backend '" + info.backend()
                    + "', which is not on the class path. Add its jar, then run the same command again");
        }
    }

    /** What the source's backend is opened with: it is read whatever it guarantees, with all that it retains. */
    public StorageConfig config(StorageConfig options) {
        return unlimited(options.with("mooring.backend", info.backend())
                .with("mooring.durability", "volatile")
                .withNode(null));
    }

    /** Nothing that the source holds is too large or too old. */
    public static StorageConfig unlimited(StorageConfig config) {
        return config.with("mooring.snapshot.retain", Integer.toString(Integer.MAX_VALUE))
                .with("mooring.max-payload-bytes", "1GiB")
                .with("mooring.max-update-bytes", "1GiB");
    }

    /**
     * Copies its files.
     *
     * @param lock held on the source
     * @param parent the copy is made in it, see {@link #copyIn}; not one that the source {@link #holds}
     */
    public void copy(HeldLock lock, Path parent, Screen screen) throws IOException {
        SourceCopy copy = new SourceCopy(lock.directory(), copyIn(parent));
        long bytes = copy.bytes();
        screen.line("Copying " + directory + " (" + Screen.size(bytes) + ", backend '" + info.backend()
                + "'); it is only read.");
        try (ProgressDisplay progress = screen.progress("copying", "KiB", bytes >> 10)) {
            long[] copied = new long[1];
            copy.run(more -> {
                copied[0] += more;
                progress.reached(copied[0] >> 10);
            });
        }
    }

    /** Whether a directory, without links, is or lies in one of the source's, wherever the links of those lead. */
    public boolean holds(Path other) throws IOException {
        boolean[] found = new boolean[1];
        Files.walkFileTree(
                directory, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes)
                            throws IOException {
                        found[0] = other.startsWith(visited.toRealPath());
                        return found[0] ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException cause) {
                        return FileVisitResult.CONTINUE; // the copying says what is wrong with it
                    }
                });
        return found[0];
    }

    /** Where the copy is: with a node a subdirectory of its name, as an opening wants to find it. */
    public Path copyIn(Path parent) {
        @Nullable String node = info.node();
        return node == null ? parent : parent.resolve(node);
    }

    /** Tells what is mended when the copy is opened. */
    public Watching watching(Path parent, Screen screen) {
        return new Watching(screen, copyIn(parent), said -> inTheSource(said, parent));
    }

    /** Opens the copy; an incomplete one must not look like a new storage. */
    public RaftStorage openCopy(Path parent, StorageConfig options, Watching watching) throws IOException {
        StorageInfo copied = StorageInfo.read(copyIn(parent));
        if (copied == null || !copied.storageId().equals(info.storageId())) {
            throw new UserError("The copy of " + directory + " is not that storage any more: somebody has changed"
                    + " its files meanwhile. Run the same command again");
        }
        StorageConfig config = config(options)
                .with("mooring.create", "never")
                .withNode(info.node())
                .withDirectory(parent);
        return RaftStorage.open(config, watching);
    }

    /** The same said of the source: what is damaged in the copy is so there, and the copy is gone when this is read. */
    public String inTheSource(String message, Path parent) {
        return message.replace(copyIn(parent).toString(), directory.toString());
    }
}
