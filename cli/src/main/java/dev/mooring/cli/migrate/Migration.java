// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.cli.copy.Counter;
import dev.mooring.cli.copy.FileTree;
import dev.mooring.cli.copy.HeldLock;
import dev.mooring.cli.copy.Source;
import dev.mooring.cli.copy.Tally;
import dev.mooring.cli.copy.Watching;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.Durability;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.UnaryOperator;
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
            StorageConfig made = Source.unlimited(target)
                    .with("mooring.create", "auto")
                    .withNode(places.source().info().node())
                    .withDirectory(workshop.target());
            refuseWhatWouldFailLater(workshop, made);
            workshop.begin();
            begun = true;
            places.source().copy(lock, workshop.source(), screen);
            Tally tally;
            Watching watching = places.source().watching(workshop.source(), screen);
            try (RaftStorage reading = places.source().openCopy(workshop.source(), target, watching)) {
                tally = Tally.of(reading);
                copyFrom(reading, made, tally);
                verify(reading, made, tally);
            } catch (StorageException.Corrupted e) {
                throw inTheSource(workshop, e);
            }
            workshop.publish(places.source().info().node());
            if (watching.damaged() > 0) {
                screen.bad("What is damaged in the source, as told above, was left out.");
                screen.good("Done: " + to + " holds " + tally + ", all that is whole in the source. " + places.from()
                        + " is unchanged.");
            } else {
                screen.good("Done: " + to + " holds " + tally + ", as the source does. " + places.from()
                        + " is unchanged.");
            }
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
        places.source().requireBackend();
        Path trial = workshop.trial();
        try {
            open(places.source().config(target).with("mooring.create", "auto").withDirectory(trial))
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
        return RaftStorage.open(config, new Watching(screen, places.to(), UnaryOperator.identity()));
    }

    /** What is damaged in the copy is so in the source; the copy is gone when this is read. */
    private StorageException.Corrupted inTheSource(Workshop workshop, StorageException.Corrupted e) {
        String message = places.source().inTheSource(e.getMessage(), workshop.source());
        return message.equals(e.getMessage()) ? e : new StorageException.Corrupted("In the source: " + message, e);
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
