// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.cli.copy.FileTree;
import dev.mooring.cli.copy.SampleStorage;
import dev.mooring.cli.copy.StorageContent;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A storage comes through other backends and back with all that it held, and the source stays as it is. */
class MigrationTest {

    @TempDir
    Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void theRoundThroughAllBackendsEndsInIdenticalContent() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 2_000);
        Map<String, String> source = StorageContent.files(directory.resolve("a"));
        List<String> way = List.of("rocksdb", "lmdb", "xodus", "files");
        String from = "a";
        for (String backend : way) {
            String to = "to-" + backend;
            Map<String, String> before = StorageContent.files(directory.resolve(from));
            migrate(from, to, backend);
            assertThat(StorageContent.files(directory.resolve(from))).isEqualTo(before);
            from = to;
        }
        assertThat(StorageContent.files(directory.resolve("a"))).isEqualTo(source);
        assertThat(printed.toString(UTF_8))
                .contains("Done: ")
                .contains("11 groups")
                .contains("7 snapshots");
        List<String> wanted = StorageContent.of(config("files", directory.resolve("a")));
        assertThat(wanted).hasSizeGreaterThan(3_000);
        for (String backend : way) {
            Path place = directory.resolve("to-" + backend);
            assertThat(StorageContent.of(config(backend, place))).as(backend).isEqualTo(wanted);
            assertThat(names(place)).containsExactly("IDENTITY", "LOCK", "LOCK.holder", "MARK", "data", "snapshots");
        }
    }

    @Test
    void moreSnapshotsThanTheConfigurationKeepsComeAlong() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        StorageConfig few = StorageConfig.of(Map.of("mooring.backend", "files", "mooring.snapshot.retain", "1"));
        migrate("a", "b", few);
        assertThat(StorageContent.of(config("files", directory.resolve("b"))))
                .isEqualTo(StorageContent.of(config("files", directory.resolve("a"))));
    }

    @Test
    void whatAKilledMigrationLeftIsRefusedAndThrownAway() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        Path left = directory.resolve("b");
        Files.createDirectories(left.resolve("workshop/target/data"));
        Files.writeString(left.resolve("workshop/target/data/000001.half"), "unfinished");
        Files.createDirectories(left.resolve("workshop/source"));
        Files.createDirectories(left.resolve("data"));
        Files.writeString(left.resolve("MIGRATION"), "mooring migrate --from /x --to /y");
        assertThatThrownBy(() -> RaftStorage.open(config("files", left)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("same command again: mooring migrate --from /x --to /y");
        migrate("a", "b", "files");
        try (RaftStorage copy = RaftStorage.open(config("files", left))) {
            assertThat(copy.groups()).hasSize(11);
        }
    }

    /** Without the mark what is there would open as a new storage with an empty log: it goes with a success only. */
    @Test
    void aRefusedSecondMigrationLeavesTheMarkOfTheFirst() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        Path left = Files.createDirectories(directory.resolve("b"));
        Files.writeString(left.resolve("MIGRATION"), "mooring migrate --from /x --to /y");
        assertThatThrownBy(
                        () -> migrate("a", "b", config("files", directory).with("mooring.files.segment-bytes", "many")))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("segment-bytes");
        assertThat(names(left)).contains("MIGRATION");
        assertThatThrownBy(() -> RaftStorage.open(config("files", left))).isInstanceOf(StorageException.Refused.class);
        assertThat(printed.toString(UTF_8)).contains("does not open as a storage");
        migrate("a", "b", "files");
        assertThat(names(left)).contains("IDENTITY").doesNotContain("MIGRATION");
    }

    @Test
    void filesThatNoMigrationMadeAreNotThrownAway() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        Files.createDirectories(directory.resolve("b"));
        Files.writeString(directory.resolve("b/MIGRATION"), "");
        Files.writeString(directory.resolve("b/thesis.txt"), "mine");
        refused("it has thesis.txt, which no migration made", () -> migrate("a", "b", "files"));
        assertThat(names(directory.resolve("b"))).containsExactly("MIGRATION", "thesis.txt");
    }

    /** A storage's directory may be a mount point; what the file system keeps there is root's alone. */
    @Test
    void whatTheFileSystemKeepsInItsRootIsNotCopied() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        Path a = directory.resolve("a").toRealPath();
        Files.createDirectory(a.resolve("lost+found"));
        Files.writeString(a.resolve("lost+found/#12"), "half a file");
        migrate("a", "b", "files");
        assertThat(names(directory.resolve("b"))).contains("IDENTITY").doesNotContain("lost+found");
        // it may have been killed right before it said so
        refused("has come to its end", () -> migrate("a", "b", "files"));
    }

    /** The log from the older one on is whole, so nothing is lost but the snapshot, and that is said. */
    @Test
    void aNewestSnapshotThatIsDamagedIsLeftOutAndTold() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        try (Stream<Path> snapshots = Files.list(directory.resolve("a/snapshots/caught-up"))) {
            FileTree.delete(snapshots
                    .filter(path -> path.getFileName().toString().startsWith("940-"))
                    .findFirst()
                    .orElseThrow());
        }
        migrate("a", "b", "files");
        assertThat(printed.toString(UTF_8))
                .contains("Damaged: ", "the newest snapshot, at 940, is damaged")
                .contains("What is damaged in the source, as told above, was left out.")
                .contains("all that is whole in the source. ")
                .doesNotContain("as the source does");
        try (RaftStorage copy = RaftStorage.open(config("files", directory.resolve("b")))) {
            assertThat(copy.group("caught-up").lastIndex()).isEqualTo(950);
        }
    }

    @Test
    void aMigrationThatFailsLeavesATargetThatIsRefused() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        Path a = directory.resolve("a").toRealPath();
        try (Stream<Path> files = Files.walk(a.resolve("snapshots/snapshotted"))) {
            Path damaged = files.filter(path -> path.endsWith("data"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
            Files.writeString(damaged, "x", StandardOpenOption.WRITE); // of the older one: opening does not look at it
        }
        assertThatThrownBy(() -> migrate("a", "b", "files"))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageStartingWith("In the source: ")
                .hasMessageContaining(a.resolve("snapshots/snapshotted").toString())
                .hasMessageNotContaining("workshop");
        assertThat(names(directory.resolve("b"))).containsExactly("LOCK", "MIGRATION");
        assertThatThrownBy(() -> RaftStorage.open(config("files", directory.resolve("b"))))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("--from " + a);
        assertThat(printed.toString(UTF_8)).contains("does not open as a storage", "back to the source's");
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
            refused("is open in process " + ProcessHandle.current().pid(), () -> migrate("a", "b", "files"));
            assertThat(open.groups()).hasSize(11);
        }
        assertThat(directory.resolve("b")).doesNotExist();
    }

    @Test
    void nonsenseIsRefusedAndNothingIsLeftBehind() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        Files.createDirectories(directory.resolve("full/x"));
        Files.createDirectories(directory.resolve("nothing"));
        refused("absent is not there. Give the storage's own directory", () -> migrate("absent", "b", "files"));
        Files.writeString(directory.resolve("file"), "");
        refused("file is not a directory", () -> migrate("file", "b", "files"));
        refused("holds no storage", () -> migrate("nothing", "b", "files"));
        refused("is not empty", () -> migrate("a", "full", "files"));
        refused("inside each other", () -> migrate("a", "a/b", "files"));
        assertThatThrownBy(() -> migrate("a", "b", "no-such-backend"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("no-such-backend");
        assertThatThrownBy(() ->
                        migrate("a", "b/c/d", config("files", directory).with("mooring.files.segment-bytes", "many")))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("segment-bytes");
        assertThat(directory.resolve("b")).doesNotExist();
    }

    /** Copying may take hours, so that what is missing afterwards is asked for before. */
    @Test
    void aSourceWhoseBackendIsNotInstalledIsNotCopied() throws IOException {
        SampleStorage.fill(config("files", directory.resolve("a")), 10);
        Path identity = directory.resolve("a/IDENTITY");
        String text = Files.readString(identity, ISO_8859_1);
        Files.writeString(identity, sealed(text.replace("backend=files", "backend=gone1")), ISO_8859_1);
        refused("was written by backend 'gone1', which is not on the class path", () -> migrate("a", "b", "lmdb"));
        assertThat(printed.toString(UTF_8)).doesNotContain("Copying");
        assertThat(directory.resolve("b")).doesNotExist();
    }

    @Test
    void optionsOfTheSourceThatAreRefusedAreRefusedBeforeItIsCopied() throws IOException {
        SampleStorage.fill(config("lmdb", directory.resolve("a")), 10);
        StorageConfig target = config("files", directory).with("mooring.lmdb.max-file-bytes", "7");
        assertThatThrownBy(() -> migrate("a", "b", target))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("max-file-bytes");
        assertThat(printed.toString(UTF_8)).doesNotContain("Copying");
        assertThat(directory.resolve("b")).doesNotExist();
    }

    /** With the checksum that belongs to it. */
    private static String sealed(String identity) {
        String covered = identity.substring(0, identity.indexOf("crc32c="));
        CRC32C crc = new CRC32C();
        crc.update(covered.getBytes(ISO_8859_1));
        return covered + String.format(Locale.ROOT, "crc32c=%08x\n", crc.getValue());
    }

    private void refused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(UserError.class).hasMessageContaining(message);
    }

    private void migrate(String from, String to, String backend) throws IOException {
        migrate(from, to, config(backend, directory));
    }

    private void migrate(String from, String to, StorageConfig target) throws IOException {
        Migration.run(new Migration.Choices(directory.resolve(from), directory.resolve(to), target, null), screen());
    }

    private Screen screen() {
        PrintStream stream = new PrintStream(printed, true, UTF_8);
        return new Screen(new Terminal(stream, stream, Terminal.Colours.OFF, Terminal.Progress.LINES));
    }

    private static StorageConfig config(String backend, Path path) {
        return StorageConfig.of(Map.of("mooring.backend", backend, "mooring.snapshot.retain", "3"))
                .withDirectory(path);
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
