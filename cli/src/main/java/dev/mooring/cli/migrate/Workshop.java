// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.cli.copy.FileTree;
import dev.mooring.cli.copy.HeldLock;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The target's directory while it is being made.
 *
 * <pre>
 * MIGRATION           the command that finishes the work; while it is there, no storage opens this directory
 * workshop/source/    a copy of the source
 * workshop/target/    the target, until it is complete and verified
 * LOCK                locked meanwhile, as by an open storage
 * </pre>
 *
 * The mark is durable before anything else is there, and goes last. So a kill or a power cut at any moment leaves nothing,
 * a directory that is refused with that command, or the finished storage; and what a killed migration left is thrown away
 * by the next.
 */
final class Workshop implements AutoCloseable {

    // opening a storage may mend and clean up, so a copy of the source is opened, and the source itself only read

    private static final String MARK = "MIGRATION";
    private static final String WORKSHOP = "workshop";
    private static final Set<String> NOT_CONTENTS = Set.of(HeldLock.NAME, HeldLock.HOLDER, "lost+found");
    /** What a storage's directory holds beside that, the one that makes it a storage last. */
    private static final List<String> STORAGE = List.of("data", "snapshots", "MARK", "IDENTITY");

    private final Path to;
    private final List<Path> made; // directories that were not there, the innermost first
    private final String command;
    private final HeldLock lock;
    private boolean begun; // by this migration or an earlier one
    private boolean published;

    private Workshop(Path to, List<Path> made, String command, HeldLock lock) {
        this.to = to;
        this.made = made;
        this.command = command;
        this.lock = lock;
    }

    /** Refuses what is no place for a target. Looks only. */
    static void check(Path to) throws IOException {
        if (to.getParent() == null) {
            throw new UserError(to + " can not be a storage's directory. Choose one below it");
        }
        if (!StableFile.exists(to)) {
            return;
        }
        if (!Files.isDirectory(to)) {
            throw new UserError(to + " is not a directory. Choose one that is not there yet, or is empty");
        }
        Set<String> names = FileTree.names(to);
        names.removeAll(NOT_CONTENTS);
        boolean marked = names.remove(MARK);
        if (marked) {
            names.remove(WORKSHOP);
            STORAGE.forEach(names::remove);
        }
        if (!marked && names.contains("IDENTITY")) {
            throw new UserError(
                    to + " holds a storage that is complete. If that is what a migration was to make, it has"
                            + " come to its end; else choose a directory that is not there yet, or an empty one");
        }
        if (!names.isEmpty()) {
            throw new UserError(to + " exists and is not empty: it has "
                    + String.join(", ", names.stream().limit(5).toList())
                    + (marked
                            ? ", which no migration made. Remove that, or choose another directory"
                            : ". Choose a directory that is not there yet, or an empty one"));
        }
    }

    /**
     * Makes the directory, marks it, and throws away what an earlier migration left in it. The mark of that one stays,
     * whatever is refused now: without it the directory would open as a new storage, with an empty log.
     *
     * @param command what is to be run again if this migration does not come to its end
     */
    static Workshop open(Path to, String command) throws IOException {
        check(to);
        List<Path> made = new ArrayList<>();
        for (Path missing = to; missing != null && !StableFile.exists(missing); missing = missing.getParent()) {
            made.add(missing);
        }
        StableFile.createDirectories(to);
        Workshop workshop = new Workshop(to, made, command, HeldLock.ofTarget(to));
        try {
            workshop.begun = isUnfinished(to);
            check(to); // nobody else changes it from here on
            if (!workshop.begun) {
                workshop.mark();
            }
            workshop.clear();
            StableFile.createDirectories(workshop.target());
            return workshop;
        } catch (IOException | RuntimeException e) {
            workshop.close();
            throw e;
        }
    }

    /** Whether the storage of this directory is not complete: the mark is there. */
    static boolean isUnfinished(Path to) throws IOException {
        return StableFile.exists(to.resolve(MARK));
    }

    /** The copy of the source is made in it. */
    Path source() {
        return to.resolve(WORKSHOP).resolve("source");
    }

    /** For a storage of the source's backend that shows whether it can be opened at all. */
    Path trial() {
        return to.resolve(WORKSHOP).resolve("trial");
    }

    /** Holds the target until it is published. */
    Path target() {
        return to.resolve(WORKSHOP).resolve("target");
    }

    /** Whether the mark stays until the target is complete, also if this migration fails. */
    boolean hasBegun() {
        return begun;
    }

    /** From here on the mark stays, and has the command of this migration. */
    void begin() throws IOException {
        if (begun) {
            mark();
        }
        begun = true;
    }

    /** Makes what was written the storage of this directory: it opens from the moment when the mark is gone. */
    void publish(@Nullable String node) throws IOException {
        Path made = node == null ? target() : target().resolve(node);
        StableFile.forceTree(made);
        for (String name : STORAGE) {
            if (StableFile.exists(made.resolve(name))) {
                StableFile.rename(made.resolve(name), to.resolve(name));
            }
        }
        FileTree.delete(to.resolve(WORKSHOP));
        StableFile.forceDirectory(to);
        published = true;
        Files.delete(to.resolve(MARK));
        StableFile.forceDirectory(to);
    }

    /** Removes everything that is not the target; the mark too, unless the work had begun and was not finished. */
    @Override
    public void close() throws IOException {
        try {
            if (!published) {
                clear();
                if (!begun) {
                    Files.deleteIfExists(to.resolve(MARK));
                }
            }
            if (!begun && !made.isEmpty()) {
                Files.deleteIfExists(to.resolve(HeldLock.NAME));
                removeMade();
            }
        } finally {
            lock.close();
        }
    }

    private void removeMade() throws IOException {
        try {
            for (Path directory : made) {
                Files.deleteIfExists(directory);
            }
        } catch (DirectoryNotEmptyException e) {
            // somebody else uses it meanwhile
        }
    }

    private void mark() throws IOException {
        try (StableFile file = StableFile.open(
                to.resolve(MARK),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)), 0);
            file.force();
        }
        StableFile.forceDirectory(to);
    }

    private void clear() throws IOException {
        if (!StableFile.exists(to.resolve(MARK))) {
            return; // nothing in it is ours
        }
        for (String name : STORAGE) {
            FileTree.delete(to.resolve(name));
        }
        FileTree.delete(to.resolve(WORKSHOP));
    }
}
