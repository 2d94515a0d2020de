// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.verify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.cli.copy.FileTree;
import dev.mooring.cli.copy.SampleStorage;
import dev.mooring.cli.copy.StorageContent;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.terminal.TestTerminal;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is whole is told, what is damaged is found, and the storage stays as it is. */
class VerificationTest {

    private final TestTerminal terminal = TestTerminal.plain();

    @TempDir
    private Path directory;

    private Path storage;
    private Path work;

    @BeforeEach
    void make() throws IOException {
        storage = Files.createDirectory(directory.resolve("storage")).toRealPath();
        work = Files.createDirectory(directory.resolve("work"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"files", "rocksdb", "lmdb", "xodus"})
    void whatEachGroupHoldsIsTold(String backend) throws IOException {
        SampleStorage.fill(config(backend), 2_000);
        Map<String, String> before = StorageContent.files(storage);
        assertThat(verify()).isTrue();
        assertThat(StorageContent.files(storage)).isEqualTo(before);
        assertThat(FileTree.names(work)).isEmpty();
        assertThat(terminal.out())
                .contains("backend '" + backend + "'")
                .contains("of 11 groups, and the snapshots.")
                .contains("  from-zero: term 3, vote 'n1', commit index 1000, entries 0..2000 of terms 3..3\n")
                .contains("  Many.Terms: term 40, no vote, no commit index, attachment of 19 bytes, "
                        + "entries 1..400 of terms 1..40\n")
                .containsPattern("  snapshotted: term 2, vote '', commit index 400, entries 201..500 of terms 2..2, "
                        + "snapshot at 400, [0-9.]+ KiB, snapshot at 200, [0-9.]+ KiB\n")
                .contains("snapshot at 250 kept by the engine and not read")
                .contains("  voted-only: term 7, vote 'n3', no commit index, no entries\n")
                .contains("Whole: every entry and every snapshot of " + storage + " could be read.");
    }

    @Test
    void aDamagedEntryIsFoundWithItsFile() throws IOException {
        fill("files", "good", 1, "needle-free");
        fill("files", "bad", 1, "needle-1234");
        Path segment = flip("needle-1234");
        Map<String, String> before = StorageContent.files(storage);
        assertThat(verify()).isFalse();
        assertThat(StorageContent.files(storage)).isEqualTo(before);
        assertThat(FileTree.names(work)).isEmpty();
        assertThat(terminal.out())
                .contains("Damaged: " + segment + " at offset ")
                .contains("add it again as a new member")
                .doesNotContain(work.toString())
                .doesNotContain("Whole");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400})
    void everyByteOfEverySnapshotIsRead(int index) throws IOException {
        SampleStorage.fill(config("files"), 10);
        Path damaged = flipLastByte(index);
        assertThat(verify()).isFalse();
        assertThat(terminal.out())
                .contains(damaged.toString(), "amaged", "snapshotted: ", storage + " is not whole.")
                .contains("  truncated: term 1")
                .doesNotContain(work.toString())
                .doesNotContain("Whole");
    }

    /** The log from the older one on is whole, so the storage opens: with a snapshot less than it should have. */
    @Test
    void theNewestSnapshotIsMissedThoughAnOlderOneTakesItsPlace() throws IOException {
        SampleStorage.fill(config("files"), 10);
        FileTree.delete(flipLastByte(940).getParent());
        assertThat(verify()).isFalse();
        assertThat(terminal.out())
                .contains("Damaged: ", "group 'caught-up': the newest snapshot, at 940, is damaged", "is not whole.")
                .doesNotContain("Whole");
    }

    @ParameterizedTest
    @ValueSource(strings = {"IDENTITY", "MARK"})
    void withoutOneOfItsFilesItIsDamaged(String name) throws IOException {
        SampleStorage.fill(config("files"), 10);
        Files.delete(storage.resolve(name));
        assertThat(verify()).isFalse();
        assertThat(terminal.out()).contains("Damaged: " + storage, name).doesNotContain(work.toString());
    }

    @Test
    void damageOfEntriesDoesNotHideThatOfASnapshot() throws IOException {
        SampleStorage.fill(config("lmdb"), 10);
        fill("lmdb", "snapshotted", 501, "needle-1234");
        fill("lmdb", "snapshotted", 502, "the last one is read when the group is opened");
        Path older = flipLastByte(200);
        flip("needle-1234");
        assertThat(verify()).isFalse();
        assertThat(terminal.out())
                .contains("snapshotted: term 2", "entries 201..502", older.toString(), "entry 501")
                .contains("Damaged: 1 of 11 groups, snapshotted.");
    }

    private Path flipLastByte(int index) throws IOException {
        Path damaged;
        try (Stream<Path> files = Files.walk(storage.resolve("snapshots"))) {
            damaged = files.filter(path -> path.endsWith("data")
                            && path.getParent().getFileName().toString().startsWith(index + "-"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length - 1] ^= 1;
        Files.write(damaged, bytes);
        return damaged;
    }

    /** What a power cut may leave is no damage: the next opening mends it. */
    @Test
    void aTornTailIsToldAndStays() throws IOException {
        Path whole = storage;
        try (RaftStorage opened = RaftStorage.open(config("files"))) {
            opened.group("orders").saveEntries(null, List.of(LogEntry.of(1, 0, "first".getBytes(UTF_8))));
            storage = copyOf(whole); // as it is when its process is killed
        }
        Path segment = find("first");
        byte[] bytes = Files.readAllBytes(segment);
        int end = bytes.length;
        while (bytes[end - 1] == 0) {
            end--;
        }
        Arrays.fill(bytes, end + 8, end + 40, (byte) 0xA5);
        Files.write(segment, bytes);
        Map<String, String> before = StorageContent.files(storage);
        assertThat(verify()).isTrue();
        assertThat(StorageContent.files(storage)).isEqualTo(before);
        assertThat(terminal.out())
                .contains("Mended in the copy, the storage itself stays as it is: " + segment + " at offset ")
                .contains("entries 1..1")
                .contains("Whole: ");
    }

    private Path copyOf(Path from) throws IOException {
        Path copy = Files.createDirectory(directory.resolve("killed")).toRealPath();
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.filter(path -> !path.equals(from)).toList()) {
                Files.copy(path, copy.resolve(from.relativize(path)));
            }
        }
        return copy;
    }

    @Test
    void anOpenStorageIsRefusedWithItsHolder() throws IOException {
        try (RaftStorage opened = RaftStorage.open(config("files"))) {
            assertThat(opened.groups()).isEmpty();
            assertThatThrownBy(this::verify)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining(storage + " is open in")
                    .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void whatIsNoStorageIsRefused() throws IOException {
        assertThatThrownBy(this::verify).isInstanceOf(UserError.class).hasMessageContaining("holds no storage");
        Files.writeString(storage.resolve("MIGRATION"), "mooring migrate --from /x --to " + storage);
        assertThatThrownBy(this::verify)
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("migration that has not come to its end");
        assertThat(FileTree.names(work)).isEmpty();
    }

    @Test
    void theCopyIsNotMadeInTheStorage() throws IOException {
        SampleStorage.fill(config("files"), 10);
        work = Files.move(storage.resolve("data"), directory.resolve("on another disk"));
        Files.createSymbolicLink(storage.resolve("data"), work);
        Map<String, String> elsewhere = StorageContent.files(work);
        assertThatThrownBy(this::verify).isInstanceOf(UserError.class).hasMessageContaining("lies in the storage");
        assertThat(StorageContent.files(work)).isEqualTo(elsewhere);
        Map<String, String> before = StorageContent.files(storage);
        work = Files.createSymbolicLink(directory.resolve("link"), storage.resolve("snapshots"));
        assertThatThrownBy(this::verify).isInstanceOf(UserError.class).hasMessageContaining("lies in the storage");
        work = directory.resolve("absent");
        assertThatThrownBy(this::verify)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("is no directory")
                .hasMessageContaining("--work");
        assertThat(StorageContent.files(storage)).isEqualTo(before);
    }

    /** What is refused names the storage, not a copy that is gone when it is read. */
    @Test
    void whatIsRefusedOfTheCopyIsSaidOfTheStorage() throws IOException {
        SampleStorage.fill(config("files"), 10);
        FileTree.delete(storage.resolve("snapshots/snapshotted"));
        Files.writeString(storage.resolve("snapshots/snapshotted"), "no directory");
        assertThatThrownBy(this::verify)
                .isInstanceOf(UserError.class)
                .hasMessageContaining(storage.resolve("snapshots/snapshotted").toString())
                .hasMessageNotContaining(work.toString());
    }

    @Test
    void whatIsStoredDoesNotWriteOverTheTerminal() throws IOException {
        try (RaftStorage opened = RaftStorage.open(config("files"))) {
            opened.group("g").saveEntries(new TermAndVote(1, "\033[2K\r\nWhole: " + "x".repeat(1000)), List.of());
        }
        assertThat(verify()).isTrue();
        assertThat(terminal.out())
                .contains("vote '?[2K??Whole: xxx")
                .contains("xxx...', no commit index")
                .doesNotContain("\033");
    }

    /** As far as whoever runs this is bound by permissions; no byte and no time changes in any case. */
    @Test
    void whatIsOnlyReadableIsEnough() throws IOException {
        SampleStorage.fill(config("files"), 10);
        try (Stream<Path> all = Files.walk(storage)) {
            for (Path path : all.toList()) {
                Files.setPosixFilePermissions(
                        path, PosixFilePermissions.fromString(Files.isDirectory(path) ? "r-xr-xr-x" : "r--r--r--"));
            }
        }
        Map<String, String> before = StorageContent.files(storage);
        assertThat(verify()).isTrue();
        assertThat(StorageContent.files(storage)).isEqualTo(before);
        try (Stream<Path> all = Files.walk(storage)) {
            for (Path path : all.filter(Files::isDirectory).toList()) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    /** As the end of the process does, at Ctrl-C: not only after hours of copying or reading. */
    @ParameterizedTest
    @ValueSource(strings = {"Copying", "Reading"})
    void anInterruptEndsIt(String moment) throws IOException {
        SampleStorage.fill(config("files"), 10);
        Map<String, String> before = StorageContent.files(storage);
        Thread user = Thread.currentThread();
        Terminal plain = terminal.terminal();
        PrintStream interrupting = new PrintStream(plain.out(), true, UTF_8) {
            @Override
            public void println(String line) {
                super.println(line);
                if (line.startsWith(moment)) {
                    user.interrupt();
                }
            }
        };
        Screen screen = new Screen(new Terminal(interrupting, plain.err(), plain.colours(), plain.progress()));
        assertThatThrownBy(() -> Verification.run(storage, StorageConfig.of(Map.of()), work, screen))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("Interrupted; " + storage + " is as it was");
        Thread.interrupted(); // the next test is not meant
        assertThat(FileTree.names(work)).isEmpty();
        assertThat(StorageContent.files(storage)).isEqualTo(before);
    }

    @Test
    void theStorageOfANodeIsReadAsSuch() throws IOException {
        Path shared = directory.resolve("shared");
        SampleStorage.fill(config("files").withDirectory(shared).withNode("n1"), 10);
        storage = shared.resolve("n1");
        assertThat(verify()).isTrue();
        assertThat(terminal.out()).contains("Whole: ");
    }

    private void fill(String backend, String group, long index, String payload) throws IOException {
        try (RaftStorage opened = RaftStorage.open(config(backend))) {
            RaftGroup filled = opened.group(group);
            long term = filled.termAndVote().currentTerm();
            filled.saveEntries(null, List.of(LogEntry.of(index, term, payload.getBytes(UTF_8))));
        }
    }

    /** Changes a bit of these bytes, wherever storage keeps them. */
    private Path flip(String text) throws IOException {
        Path file = find(text);
        byte[] bytes = Files.readAllBytes(file);
        String all = new String(bytes, ISO_8859_1);
        for (int at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + 1)) { // older copies, too
            bytes[at] ^= 1;
        }
        Files.write(file, bytes);
        return file;
    }

    private Path find(String text) throws IOException {
        try (Stream<Path> files = Files.walk(storage.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, ISO_8859_1).contains(text)) {
                    return file;
                }
            }
        }
        throw new AssertionError(text + " is nowhere");
    }

    private boolean verify() throws IOException {
        return Verification.run(storage, StorageConfig.of(Map.of()), work, new Screen(terminal.terminal()));
    }

    private StorageConfig config(String backend) {
        return StorageConfig.of(Map.of("mooring.backend", backend)).withDirectory(storage);
    }
}
