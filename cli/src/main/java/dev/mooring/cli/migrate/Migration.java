// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.StorageInfo;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One migration, from the first look at the source to the target's final name. */
public final class Migration {

    private final Path from;
    private final Path to;
    private final StorageConfig target;
    private final Screen screen;

    /**
     * A migration that has not begun.
     *
     * @param from the source's own directory
     * @param to what the target's own directory will be; must not exist, or be empty
     * @param target names the backend and its options; its directory and node do not count
     */
    public Migration(Path from, Path to, StorageConfig target, Screen screen) {
        this.from = from.toAbsolutePath().normalize();
        this.to = to.toAbsolutePath().normalize();
        this.target = target;
        this.screen = screen;
    }

    /** Does it all; returns when the target is complete, or throws and leaves no target. */
    public void run() throws IOException {
        StorageInfo source = look();
        try (Workshop workshop = Workshop.open(to)) {
            try (SourceLock lock = SourceLock.take(from)) {
                screen.line("Copying " + from + " (" + Screen.size(lock.sizeBytes()) + ", backend '" + source.backend()
                        + "'); it is only read.");
                workshop.copySource(from, source.node());
            }
            String node = source.node();
            StorageConfig copied = withNode(
                    StorageConfig.of(Map.of("mooring.backend", source.backend(), "mooring.durability", "volatile"))
                            .withDirectory(workshop.source()),
                    node);
            StorageConfig made = withNode(target.withDirectory(workshop.target()), node);
            Tally copiedTally;
            try (RaftStorage reading = RaftStorage.open(copied)) {
                screen.line("Writing " + describe(reading) + " for backend '" + backendOf(made) + "'.");
                try (RaftStorage writing = RaftStorage.open(made)) {
                    copiedTally = copy(reading, writing);
                }
                screen.line("Verifying every entry and every byte of the snapshots.");
                try (RaftStorage written = RaftStorage.open(made)) {
                    verify(reading, written);
                }
            }
            workshop.publish(node);
            screen.good("Done: " + to + " holds " + Screen.count(copiedTally.groups()) + " groups and "
                    + Screen.count(copiedTally.entries()) + " entries, as the source does. " + from + " is unchanged.");
        }
    }

    private StorageInfo look() throws IOException {
        if (!Files.isDirectory(from)) {
            throw new UserError(from + " is not a directory. Give the storage's own directory with --from");
        }
        StorageInfo source = StorageInfo.read(from);
        if (source == null) {
            throw new UserError(
                    from + " holds no storage (it has no IDENTITY). With nodes, give the directory of one node");
        }
        if (!source.durable()) {
            throw new UserError(from + " was written by '" + source.backend()
                    + "', which keeps nothing over a close: there is nothing to migrate");
        }
        String node = source.node();
        if (node != null && !to.endsWith(node)) {
            throw new UserError(
                    from + " belongs to node '" + node + "', and a node's directory has its name: let --to end in '"
                            + node + "', and set mooring.directory to the directory above it");
        }
        if (to.startsWith(from) || from.startsWith(to)) {
            throw new UserError("--to " + to + " and --from " + from + " lie inside each other. Choose another target");
        }
        if (Files.exists(to) && !isEmptyDirectory(to)) {
            throw new UserError(
                    to + " exists and is not empty. Choose a directory that is not there yet, or remove it");
        }
        return source;
    }

    private Tally copy(RaftStorage reading, RaftStorage writing) throws IOException {
        Tally total = Tally.of(reading);
        try (ProgressDisplay progress = screen.progress("writing", "entries", total.entries())) {
            Counter counter = new Counter(progress);
            for (String name : reading.groups()) {
                GroupCopy.copy(reading.group(name), writing.group(name), counter);
            }
        }
        return total;
    }

    private void verify(RaftStorage reading, RaftStorage written) throws IOException {
        Set<String> wanted = reading.groups();
        if (!written.groups().equals(wanted)) {
            throw new UserError("The copy has the groups " + written.groups() + ", the source " + wanted
                    + ". Nothing was put at " + to + "; please report this");
        }
        try (ProgressDisplay progress =
                screen.progress("verifying", "entries", Tally.of(reading).entries())) {
            Counter counter = new Counter(progress);
            for (String name : wanted) {
                GroupComparison.compare(reading.group(name), written.group(name), counter);
            }
        }
    }

    private static String describe(RaftStorage reading) throws IOException {
        Tally tally = Tally.of(reading);
        return Screen.count(tally.groups()) + " groups with " + Screen.count(tally.entries()) + " entries";
    }

    private static String backendOf(StorageConfig config) throws IOException {
        String named = config.backend();
        return named == null ? "the only one there is" : named;
    }

    private static StorageConfig withNode(StorageConfig config, @Nullable String node) {
        return node == null ? config : config.with("mooring.node", node);
    }

    private static boolean isEmptyDirectory(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try (var entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        }
    }
}
