// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.StorageConfig;
import dev.mooring.cli.copy.LockProbe;
import dev.mooring.cli.copy.SampleStorage;
import dev.mooring.cli.copy.StorageContent;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Fault;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links, locks and directories inside each other: a migration never takes something else for its source. */
class PlacesTest {

    @TempDir
    Path directory;

    private Path source;
    private List<String> content;
    private Map<String, String> untouched;

    @BeforeEach
    void fill() throws IOException {
        source = directory.resolve("a");
        SampleStorage.fill(config(source), 100);
        content = StorageContent.of(config(source));
        untouched = StorageContent.files(source);
    }

    @Test
    void aLinkToTheSourceIsTheSource() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("current"), source);
        migrate(link, directory.resolve("b"));
        assertThat(StorageContent.of(config(directory.resolve("b")))).isEqualTo(content);
        refused("lie inside each other", () -> migrate(link, source.resolve("c")));
    }

    @Test
    void dataOnAnotherDiskIsCopiedFromThere() throws IOException {
        Path other = Files.createDirectory(directory.resolve("other disk"));
        for (String name : List.of("data", "snapshots")) {
            Files.move(source.resolve(name), other.resolve(name));
            Files.createSymbolicLink(source.resolve(name), other.resolve(name));
        }
        Map<String, String> before = StorageContent.files(other);
        migrate(source, directory.resolve("b"));
        assertThat(StorageContent.of(config(directory.resolve("b")))).isEqualTo(content);
        assertThat(StorageContent.files(other)).isEqualTo(before);
        refused("lies in the source, through a link", () -> migrate(source, other.resolve("data/b")));
    }

    @Test
    void aLinkIntoTheSourceIsNoPlaceOutsideOfIt() throws IOException {
        Path inside = Files.createDirectory(source.resolve("inside"));
        Path link = Files.createSymbolicLink(directory.resolve("elsewhere"), inside);
        refused("lie inside each other", () -> migrate(source, link));
        refused("lie inside each other", () -> migrate(source, link.resolve("b/c")));
        Files.delete(inside);
        refused("is a link to " + inside + ", which is not there", () -> migrate(source, link));
        refused("is a link to " + inside + ", which is not there", () -> migrate(source, link.resolve("b")));
        assertThat(StorageContent.of(config(source))).isEqualTo(content);
    }

    @Test
    void anEmptyDirectoryBehindALinkBecomesTheTarget() throws IOException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Path link = Files.createSymbolicLink(directory.resolve("b"), disk);
        migrate(source, link);
        assertThat(StorageContent.of(config(link))).isEqualTo(content);
        assertThat(disk.resolve("IDENTITY")).isRegularFile();
    }

    /** The command that finishes the work must be one that is accepted: the disk's directory has another name. */
    @Test
    void aNodesTargetBehindALinkIsNamedAsItWasGiven() throws IOException {
        SampleStorage.fill(config(directory.resolve("shared")).with("mooring.node", "n1"), 10);
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Path link = Files.createSymbolicLink(
                Files.createDirectory(directory.resolve("moved")).resolve("n1"), disk);
        List<String> commands = new ArrayList<>();
        ByteArrayOutputStream printed = new ByteArrayOutputStream() {
            @Override
            public synchronized void flush() {
                Path mark = disk.resolve("MIGRATION");
                try {
                    commands.addAll(Files.exists(mark) ? Files.readAllLines(mark) : List.of());
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        };
        Migration.run(choices(directory.resolve("shared/n1"), link), screen(printed));
        assertThat(commands).isNotEmpty().allMatch(command -> command.contains(" --to " + link + " "));
    }

    /** Nobody can say what is there, so nothing is taken for missing. */
    @Test
    void whatCanNotBeSeenIsNotTakenForMissing() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(1, DiskModel.STRICT);
        Path from = disk.root().resolve("a");
        SampleStorage.fill(config(from), 10);
        disk.inject(Fault.from(Operation.STAT, 1, Failure.EACCES));
        assertThatThrownBy(() -> Places.look(from, disk.root().resolve("b"))).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Workshop.check(disk.root().resolve("b"))).isInstanceOf(AccessDeniedException.class);
    }

    @Test
    void whatBelongsToAnotherStorageOrIsNoDirectoryIsRefused() throws IOException {
        Path other = directory.resolve("other");
        SampleStorage.fill(config(other), 10);
        refused("lies in the storage " + other, () -> migrate(source, other.resolve("data/b")));
        Path file = Files.writeString(directory.resolve("file"), "");
        refused(file + " is not a directory", () -> migrate(source, file));
        refused(file + " is not a directory", () -> migrate(source, file.resolve("b/c")));
        assertThat(StorageContent.files(source)).isEqualTo(untouched);
    }

    @Test
    void theSourceIsLockedFromTheFirstStepToTheLast() throws IOException {
        List<String> steps = new ArrayList<>();
        ByteArrayOutputStream printed = new ByteArrayOutputStream() {
            @Override
            public synchronized void flush() {
                String line = toString(UTF_8).strip();
                reset();
                if (!line.isEmpty()) {
                    steps.add(line.split(" ", 2)[0] + " " + LockProbe.isLocked(source));
                }
            }
        };
        Migration.run(choices(source, directory.resolve("b")), screen(printed));
        assertThat(steps).contains("Copying true", "Writing true", "Verifying true", "Done: true");
        assertThat(LockProbe.isLocked(source)).isFalse();
    }

    private void refused(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(UserError.class).hasMessageContaining(message);
    }

    private static void migrate(Path from, Path to) throws IOException {
        Migration.run(choices(from, to), screen(new ByteArrayOutputStream()));
    }

    private static Migration.Choices choices(Path from, Path to) {
        return new Migration.Choices(from, to, config(to), null);
    }

    private static Screen screen(ByteArrayOutputStream printed) {
        PrintStream stream = new PrintStream(printed, true, UTF_8);
        return new Screen(new Terminal(stream, stream, Terminal.Colours.OFF, Terminal.Progress.LINES));
    }

    private static StorageConfig config(Path path) {
        return StorageConfig.of(Map.of("mooring.backend", "files", "mooring.snapshot.retain", "3"))
                .withDirectory(path);
    }
}
