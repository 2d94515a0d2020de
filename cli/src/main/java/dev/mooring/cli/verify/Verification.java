// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.verify;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.cli.copy.Counter;
import dev.mooring.cli.copy.HeldLock;
import dev.mooring.cli.copy.Source;
import dev.mooring.cli.copy.Tally;
import dev.mooring.cli.copy.UnwrittenCopyException;
import dev.mooring.cli.copy.Watching;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** One verification of a storage that nobody has open. */
public final class Verification {

    private final Source source;
    private final StorageConfig options;
    private final Scratch scratch;
    private final Screen screen;

    private Verification(Source source, StorageConfig options, Scratch scratch, Screen screen) {
        this.source = source;
        this.options = options;
        this.scratch = scratch;
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
        Source source;
        try {
            source = Source.look(directory);
        } catch (StorageException.Corrupted e) {
            screen.bad("Damaged: " + e.getMessage());
            return false;
        }
        source.requireBackend();
        // held to the end, so that what was read is what is there when the result is told
        try (HeldLock lock = HeldLock.ofSource(source.directory());
                Scratch scratch = Scratch.in(work, source, screen)) {
            return new Verification(source, options, scratch, screen).run(lock);
        }
    }

    private boolean run(HeldLock lock) throws IOException {
        try {
            source.copy(lock, scratch.path(), screen);
            return readCopy();
        } catch (StorageException.Corrupted e) {
            screen.bad("Damaged: " + inTheSource(e.getMessage()));
            return false;
        } catch (ClosedByInterruptException | InterruptedIOException e) {
            throw new UserError("Interrupted; " + source.directory() + " is as it was", e);
        } catch (UnwrittenCopyException e) {
            throw noCopy(e);
        } catch (IOException e) {
            if (scratch.isFull()) { // opening writes, too
                throw noCopy(e);
            }
            String message = e.getMessage();
            if (message != null && message.contains(scratch.path().toString())) {
                throw new UserError(inTheSource(message), e);
            }
            throw e;
        }
    }

    private UserError noCopy(IOException e) {
        return new UserError(
                "There is no room for a copy of " + source.directory() + ", or it can not be written: " + e.getMessage()
                        + ". Choose another directory with --work",
                e);
    }

    private boolean readCopy() throws IOException {
        Watching watching = source.watching(scratch.path(), screen);
        Set<String> damaged;
        int groups;
        try (RaftStorage storage = source.openCopy(scratch.path(), options, watching)) {
            groups = storage.groups().size();
            damaged = readAll(storage);
        }
        if (!damaged.isEmpty()) {
            screen.bad("Damaged: " + damaged.size() + " of " + Tally.counted(groups, "group", "groups") + ", "
                    + String.join(", ", damaged) + ".");
        }
        if (!damaged.isEmpty() || watching.damaged() > 0) {
            screen.bad(source.directory() + " is not whole.");
            return false;
        }
        screen.good("Whole: every entry and every snapshot of " + source.directory() + " could be read"
                + (watching.mended() > 0 ? "; what the next opening will mend was told above." : "."));
        return true;
    }

    /** Answers the names of the groups that are damaged. */
    private Set<String> readAll(RaftStorage storage) throws IOException {
        Set<String> names = storage.groups();
        Set<String> damaged = new TreeSet<>();
        long entries = entries(storage, names);
        screen.line("Reading " + Tally.counted(entries, "entry", "entries") + " of "
                + Tally.counted(names.size(), "group", "groups") + ", and the snapshots.");
        try (ProgressDisplay progress = screen.progress("reading", "entries", entries)) {
            Counter counter = new Counter(screen, progress);
            for (String name : names) {
                List<String> damage;
                try {
                    GroupReading reading = GroupReading.of(storage.group(name), counter);
                    screen.line("  " + name + ": " + reading.contents());
                    damage = reading.damage();
                } catch (StorageException.Corrupted e) {
                    damage = List.of(e.getMessage());
                }
                damage.forEach(what -> screen.bad("  " + name + ": DAMAGED. " + inTheSource(what)));
                if (!damage.isEmpty()) {
                    damaged.add(name);
                }
            }
        }
        return damaged;
    }

    private String inTheSource(String message) {
        return source.inTheSource(message, scratch.path());
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
