// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A storage comes through other backends and back with all that it held, and the source stays as it is. */
class MigrationTest {

    @TempDir
    Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void aStorageSurvivesTheRoundThroughAnotherBackendAndBack() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 2_000);
        Map<Path, String> before = contents(directory.resolve("a"));
        migrate("a", "b", "rocksdb");
        migrate("b", "c", "files");
        assertThat(contents(directory.resolve("a"))).isEqualTo(before);
        try (RaftStorage first = RaftStorage.open(config("files", directory.resolve("a")));
                RaftStorage last = RaftStorage.open(config("files", directory.resolve("c")))) {
            assertThat(last.groups()).isEqualTo(first.groups()).hasSize(9);
            for (String name : first.groups()) {
                GroupComparison.compare(first.group(name), last.group(name), new Counter(silent()));
            }
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("Done: ").contains("9 groups");
        assertThat(directory.resolve("b.migrating")).doesNotExist();
    }

    @Test
    void whatAKilledMigrationLeftIsThrownAway() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        Path left = Files.createDirectories(directory.resolve("b.migrating/target/data"));
        Files.writeString(left.resolve("000001.half"), "unfinished");
        Files.createDirectories(directory.resolve("b.migrating/source"));
        Files.createFile(directory.resolve("b.migrating/MIGRATION"));
        migrate("a", "b", "files");
        try (RaftStorage copy = RaftStorage.open(config("files", directory.resolve("b")))) {
            assertThat(copy.groups()).hasSize(9);
        }
    }

    @Test
    void aNodesDirectoryKeepsItsNode() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("shared")).with("mooring.node", "n1"), 10);
        migrate("shared/n1", "moved/n1", "files");
        StorageConfig moved = config("files", directory.resolve("moved")).with("mooring.node", "n1");
        try (RaftStorage copy = RaftStorage.open(moved)) {
            assertThat(copy.group("from-zero").lastIndex()).isEqualTo(10);
        }
        refused("let --to end in 'n1'", () -> migrate("shared/n1", "elsewhere", "files"));
    }

    @Test
    void anOpenSourceIsRefused() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        try (RaftStorage open = RaftStorage.open(config("files", directory.resolve("a")))) {
            refused("is open in another process", () -> migrate("a", "b", "files"));
            assertThat(open.groups()).hasSize(9);
        }
        assertThat(directory.resolve("b")).doesNotExist();
    }

    @Test
    void nonsenseIsRefusedAndNothingIsLeftBehind() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        Files.createDirectories(directory.resolve("full/x"));
        Files.createDirectories(directory.resolve("nothing"));
        refused("is not a directory", () -> migrate("absent", "b", "files"));
        refused("holds no storage", () -> migrate("nothing", "b", "files"));
        refused("is not empty", () -> migrate("a", "full", "files"));
        refused("inside each other", () -> migrate("a", "a/b", "files"));
        Files.createDirectories(directory.resolve("c.migrating/foreign"));
        refused("no migration made it", () -> migrate("a", "c", "files"));
        assertThatThrownBy(() -> migrate("a", "b", "no-such-backend"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("no-such-backend");
        assertThat(directory.resolve("b")).doesNotExist();
        assertThat(directory.resolve("b.migrating")).doesNotExist();
    }

    private void refused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(UserError.class).hasMessageContaining(message);
    }

    private void migrate(String from, String to, String backend) throws IOException {
        Files.createDirectories(directory.resolve(to).getParent());
        new Migration(directory.resolve(from), directory.resolve(to), config(backend, directory), screen()).run();
    }

    private Screen screen() {
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return new Screen(new Terminal(stream, stream, Terminal.Colours.OFF, Terminal.Progress.LINES));
    }

    private static dev.mooring.cli.terminal.ProgressDisplay silent() {
        return new dev.mooring.cli.terminal.ProgressDisplay() {
            @Override
            public void reached(long units) {}

            @Override
            public void close() {}
        };
    }

    private static StorageConfig config(String backend, Path path) {
        return StorageConfig.of(Map.of("mooring.backend", backend)).withDirectory(path);
    }

    private static Map<Path, String> contents(Path root) throws IOException {
        Map<Path, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(
                        root.relativize(file),
                        Files.getLastModifiedTime(file) + " " + java.util.Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return contents;
    }
}
