// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.InstalledBackends;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.StorageInfo;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.Durability;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One migration, from the first look at the source to the target's final name. */
public final class Migration {

    private final Places places;
    private final StorageConfig target;
    private final String command;
    private final Screen screen;

    private Migration(Places places, StorageConfig target, String command, Screen screen) {
        this.places = places;
        this.target = target;
        this.command = command;
        this.screen = screen;
    }

    /**
     * What the user chose.
     *
     * @param from the source's own directory
     * @param to what the target's own directory will be; must not exist, or be empty
     * @param target names the backend and its options; its directory and node do not count
     * @param configFile where the options are from; null: from the environment
     */
    public record Choices(
            Path from,
            Path to,
            StorageConfig target,
            @Nullable Path configFile) {

        /** What finishes the work when this process does not. */
        private String command(Places places) throws StorageException {
            Path file = configFile;
            // --to as it was given: behind a link the directory need not have the node's name
            return "mooring migrate --from " + quoted(places.from()) + " --to "
                    + quoted(to.toAbsolutePath().normalize()) + " --backend "
                    + target.backend() + (file == null ? "" : " --config " + quoted(file.toAbsolutePath()));
        }

        private static String quoted(Path path) {
            String text = path.toString();
            return text.matches("[A-Za-z0-9/._+:@%-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
        }
    }

    /** Does it all; returns when the target is complete, or throws and leaves none that opens. */
    public static void run(Choices choices, Screen screen) throws IOException {
        Places places = Places.look(choices.from(), choices.to());
        new Migration(places, choices.target(), choices.command(places), screen).run();
    }

    private void run() throws IOException {
        boolean begun = false;
        Path to = places.to();
        // the source's lock is held to the very end: what it takes on meanwhile would be missing in the target
        try (HeldLock lock = HeldLock.ofSource(places.from());
                Workshop workshop = Workshop.open(to, command)) {
            begun = workshop.hasBegun();
            StorageConfig made = unlimited(target)
                    .with("mooring.create", "auto")
                    .withNode(places.source().node())
                    .withDirectory(workshop.target());
            refuseWhatWouldFailLater(workshop, made);
            workshop.begin();
            begun = true;
            copySource(workshop, lock.directory());
            Tally tally;
            try (RaftStorage reading = open(copied(workshop))) {
                tally = Tally.of(reading);
                copyFrom(reading, made, tally);
                verify(reading, made, tally);
            } catch (StorageException.Corrupted e) {
                throw inTheSource(workshop, e);
            }
            workshop.publish(places.source().node());
            screen.good(
                    "Done: " + to + " holds " + tally + ", as the source does. " + places.from() + " is unchanged.");
        } catch (IOException | RuntimeException e) {
            if (begun && Workshop.isUnfinished(to)) {
                screen.bad(
                        "The migration failed. " + to + " does not open as a storage; when the cause is mended, run the"
                                + " same command again, or give it up: set mooring.directory and mooring.backend back"
                                + " to the source's, and only then remove that directory.");
            }
            throw e;
        }
    }

    /** Copying may take hours: what is to be refused of both backends and their options is refused before. */
    private void refuseWhatWouldFailLater(Workshop workshop, StorageConfig made) throws IOException {
        String backend = places.source().backend();
        if (InstalledBackends.find().backends().stream()
                .noneMatch(installed -> installed.name().equals(backend))) {
            throw new UserError(places.from() + " was written by backend '" + backend
                    + "', which is not on the class path. Add its jar, then run the same command again");
        }
        Path trial = workshop.trial();
        try {
            open(ofSource().with("mooring.create", "auto").withNode(null).withDirectory(trial))
                    .close();
        } finally {
            FileTree.delete(trial);
        }
        try (RaftStorage opened = open(made)) {
            if (opened.durability() == Durability.VOLATILE) {
                throw new UserError("Backend '" + opened.backend()
                        + "' keeps nothing over a close: nothing can be migrated to it. Choose another one");
            }
        }
    }

    private RaftStorage open(StorageConfig config) throws IOException {
        return RaftStorage.open(config, new Watching(screen));
    }

    /** The copy of the source; an incomplete one must not look like a new storage. */
    private StorageConfig copied(Workshop workshop) throws IOException {
        StorageInfo source = places.source();
        StorageInfo copy = StorageInfo.read(workshop.copy(source.node()));
        if (copy == null || !copy.storageId().equals(source.storageId())) {
            throw new UserError("The copy of " + places.from() + " is not that storage any more: somebody has changed"
                    + " its files meanwhile. Run the same command again");
        }
        return ofSource()
                .with("mooring.create", "never")
                .withNode(source.node())
                .withDirectory(workshop.source());
    }

    /** What is damaged in the copy is so in the source; the copy is gone when this is read. */
    private StorageException.Corrupted inTheSource(Workshop workshop, StorageException.Corrupted e) {
        String copy = workshop.copy(places.source().node()).toString();
        String message = e.getMessage();
        return message.contains(copy)
                ? new StorageException.Corrupted(
                        "In the source: " + message.replace(copy, places.from().toString()), e)
                : e;
    }

    /** Only the source is read: damage that is found is there, whether its message names a file or not. */
    private void copyFrom(RaftStorage reading, StorageConfig made, Tally tally) throws IOException {
        try {
            copy(reading, made, tally);
        } catch (StorageException.Corrupted e) {
            throw e.getMessage().contains(reading.directory().toString())
                    ? e
                    : new StorageException.Corrupted("In the source " + places.from() + ": " + e.getMessage(), e);
        }
    }

    private StorageConfig ofSource() {
        return unlimited(
                target.with("mooring.backend", places.source().backend()).with("mooring.durability", "volatile"));
    }

    /** Nothing that the source holds is too large or too old for the copy. */
    private static StorageConfig unlimited(StorageConfig config) {
        return config.with("mooring.snapshot.retain", Integer.toString(Integer.MAX_VALUE))
                .with("mooring.max-payload-bytes", "1GiB")
                .with("mooring.max-update-bytes", "1GiB");
    }

    private void copySource(Workshop workshop, Path locked) throws IOException {
        SourceCopy copy = new SourceCopy(locked, workshop.copy(places.source().node()), places.to());
        long bytes = copy.bytes();
        screen.line("Copying " + locked + " (" + Screen.size(bytes) + ", backend '"
                + places.source().backend() + "'); it is only read.");
        try (ProgressDisplay progress = screen.progress("copying", "KiB", bytes >> 10)) {
            long[] copied = new long[1];
            copy.run(more -> {
                copied[0] += more;
                progress.reached(copied[0] >> 10);
            });
        }
    }

    private void copy(RaftStorage reading, StorageConfig made, Tally tally) throws IOException {
        screen.line("Writing " + tally + " for backend '" + made.backend() + "'.");
        try (RaftStorage writing = open(made);
                ProgressDisplay progress = screen.progress("writing", "entries", tally.entries())) {
            Counter counter = new Counter(screen, progress);
            for (String name : reading.groups()) {
                GroupCopy.copy(reading.group(name), writing.group(name), counter);
            }
        }
    }

    private void verify(RaftStorage reading, StorageConfig made, Tally tally) throws IOException {
        screen.line("Verifying every entry and every byte of the snapshots.");
        try (RaftStorage written = open(made);
                ProgressDisplay progress = screen.progress("verifying", "entries", tally.entries())) {
            Set<String> wanted = reading.groups();
            if (!written.groups().equals(wanted)) {
                throw new UserError("The copy has the groups " + written.groups() + ", the source " + wanted
                        + ". Please report this");
            }
            Counter counter = new Counter(screen, progress);
            for (String name : wanted) {
                GroupComparison.compare(reading.group(name), written.group(name), counter);
            }
        }
    }
}
