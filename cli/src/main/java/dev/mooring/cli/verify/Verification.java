// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.verify;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.cli.copy.Counter;
import dev.mooring.cli.copy.HeldLock;
import dev.mooring.cli.copy.Source;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One verification of a storage that nobody has open. */
public final class Verification {

    private final Source source;
    private final StorageConfig options;
    private final Path copy;
    private final Screen screen;

    private Verification(Source source, StorageConfig options, Path copy, Screen screen) {
        this.source = source;
        this.options = options;
        this.copy = copy;
        this.screen = screen;
    }

    /**
     * Copies the storage, reads all of the copy, and removes it.
     *
     * @param directory the storage's own directory
     * @param options those of its backend; directory, node and backend named there do not count
     * @param work an existing directory that has room for the copy
     * @return whether all is whole; what is not was said
     */
    public static boolean run(Path directory, StorageConfig options, Path work, Screen screen) throws IOException {
        Source source = Source.look(directory);
        source.requireBackend();
        // held to the end, so that what was read is what is there when the result is told
        try (HeldLock lock = HeldLock.ofSource(source.directory());
                Scratch scratch = Scratch.in(work, source, screen)) {
            source.copy(lock, scratch.path(), scratch.path(), screen);
            return new Verification(source, options, scratch.path(), screen).run();
        } catch (ClosedByInterruptException e) {
            throw new UserError("Interrupted; " + source.directory() + " is as it was", e);
        }
    }

    private boolean run() throws IOException {
        try (RaftStorage storage = source.openCopy(copy, options, screen)) {
            return readAll(storage);
        } catch (StorageException.Corrupted e) {
            screen.bad("Damaged: " + source.inTheSource(e.getMessage(), copy));
            return false;
        }
    }

    private boolean readAll(RaftStorage storage) throws IOException {
        Set<String> names = storage.groups();
        Map<String, StorageException.Corrupted> damaged = new TreeMap<>();
        long entries = entries(storage, names);
        screen.line("Reading " + Screen.count(entries) + " entries of " + Screen.count(names.size())
                + (names.size() == 1 ? " group" : " groups") + ", and the snapshots.");
        try (ProgressDisplay progress = screen.progress("reading", "entries", entries)) {
            Counter counter = new Counter(screen, progress);
            for (String name : names) {
                try {
                    screen.line("  " + name + ": " + GroupReading.read(storage.group(name), counter));
                } catch (StorageException.Corrupted e) {
                    damaged.put(name, e);
                    screen.bad("  " + name + ": DAMAGED. " + source.inTheSource(e.getMessage(), copy));
                }
            }
        }
        if (damaged.isEmpty()) {
            screen.good("Whole: every entry and every snapshot of " + source.directory() + " could be read.");
            return true;
        }
        screen.bad("Damaged: " + Screen.count(damaged.size()) + " of " + Screen.count(names.size()) + " groups, "
                + String.join(", ", damaged.keySet()) + ".");
        return false;
    }

    /** Of the groups that open: what is damaged is told when it is its turn. */
    private static long entries(RaftStorage storage, Set<String> names) throws IOException {
        long entries = 0;
        for (String name : names) {
            entries += entries(storage, name);
        }
        return entries;
    }

    private static long entries(RaftStorage storage, String name) throws IOException {
        try {
            RaftGroup group = storage.group(name);
            return group.lastIndex() - group.firstIndex() + 1;
        } catch (StorageException.Corrupted e) {
            return 0;
        }
    }
}
