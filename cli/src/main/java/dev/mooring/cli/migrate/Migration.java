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
import java.util.Set;

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

    /** Does it all; returns when the target is complete, or throws and leaves none that opens. */
    public void run() throws IOException {
        StorageInfo source = look();
        String node = source.node();
        boolean begun = false;
        try (Workshop workshop = Workshop.open(to, command())) {
            StorageConfig copied = unlimited(
                            target.with("mooring.backend", source.backend()).with("mooring.durability", "volatile"))
                    .withNode(node)
                    .withDirectory(workshop.source());
            StorageConfig made = unlimited(target).withNode(node).withDirectory(workshop.target());
            try (HeldLock lock = HeldLock.ofSource(from)) {
                RaftStorage.open(made)
                        .close(); // what is to be refused of the new backend and its options is refused here
                workshop.begin();
                begun = true;
                copySource(workshop, lock.directory(), source);
            }
            Tally tally;
            try (RaftStorage reading = RaftStorage.open(copied)) {
                tally = Tally.of(reading);
                copy(reading, made, tally);
                verify(reading, made, tally);
            }
            workshop.publish(node);
            screen.good("Done: " + to + " holds " + tally + ", as the source does. " + from + " is unchanged.");
        } catch (IOException | RuntimeException e) {
            if (begun) {
                screen.bad(
                        "The migration failed. " + to + " does not open as a storage; when the cause is mended, run the"
                                + " same command again, or remove that directory to give it up.");
            }
            throw e;
        }
    }

    /** What finishes the work when this process does not. */
    private String command() throws IOException {
        return "mooring migrate --from " + quoted(from) + " --to " + quoted(to) + " --backend " + target.backend();
    }

    private static String quoted(Path path) {
        String text = path.toString();
        return text.matches("[A-Za-z0-9/._+:@%-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /** Nothing that the source holds is too large or too old for the copy. */
    private static StorageConfig unlimited(StorageConfig config) {
        return config.with("mooring.create", "auto")
                .with("mooring.snapshot.retain", Integer.toString(Integer.MAX_VALUE))
                .with("mooring.max-payload-bytes", "1GiB")
                .with("mooring.max-update-bytes", "1GiB");
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
        Workshop.check(to);
        return source;
    }

    private void copySource(Workshop workshop, Path locked, StorageInfo source) throws IOException {
        long bytes = FileTree.bytes(locked);
        screen.line("Copying " + from + " (" + Screen.size(bytes) + ", backend '" + source.backend()
                + "'); it is only read.");
        try (ProgressDisplay progress = screen.progress("copying", "KiB", bytes >> 10)) {
            long[] copied = new long[1];
            workshop.copySource(locked, source.node(), more -> {
                copied[0] += more;
                progress.reached(copied[0] >> 10);
            });
        }
    }

    private void copy(RaftStorage reading, StorageConfig made, Tally tally) throws IOException {
        screen.line("Writing " + tally + " for backend '" + made.backend() + "'.");
        try (RaftStorage writing = RaftStorage.open(made);
                ProgressDisplay progress = screen.progress("writing", "entries", tally.entries())) {
            Counter counter = new Counter(screen, progress);
            for (String name : reading.groups()) {
                GroupCopy.copy(reading.group(name), writing.group(name), counter);
            }
        }
    }

    private void verify(RaftStorage reading, StorageConfig made, Tally tally) throws IOException {
        screen.line("Verifying every entry and every byte of the snapshots.");
        try (RaftStorage written = RaftStorage.open(made);
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
