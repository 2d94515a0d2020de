// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.LogEntry;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.Options;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import jetbrains.exodus.log.LogUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are missing, cut off, foreign, old or rotten. */
class DamageTest {

    private static final String FIRST = "00000000000.xd";
    private static final String SECOND = "00000000080.xd";

    @TempDir
    Path directory;

    private Path log;

    @BeforeEach
    void fill() throws IOException {
        log = directory.resolve(FIRST);
        try (StorageBackend backend = Backends.open(directory)) {
            backend.saveEntries(1, List.of(Backends.vote("g", 7, "voted-for-me")));
            backend.saveEntries(2, List.of(Backends.run("g", 0, 20, 3000), Backends.run("h", 5, 2, 20)));
            backend.saveEntries(
                    3, List.of(new Update("h", null, List.of(), null, ByteBuffer.wrap("attached".getBytes(UTF_8)))));
            backend.saveEntries(4, List.of(Backends.run("g", 20, 1, 3000)));
        }
    }

    @Test
    void missingFilesAreNotAnEmptyStore() throws IOException { // DAMAGE-3
        byte[] whole = Files.readAllBytes(log);
        Files.delete(log);
        assertCorrupted(0, "missing");
        assertThat(log).doesNotExist();
        Files.write(log, whole);
        Files.delete(directory.resolve("XODUS"));
        assertCorrupted(0, "missing");
        Files.delete(log);
        assertCorrupted(1, "missing");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aLogWithoutARootIsRefusedAndLeftAsItIs() throws IOException { // DAMAGE-2
        byte[] zeroed = new byte[(int) Files.size(log)];
        Files.write(log, zeroed);
        assertCorrupted(0, "");
        assertThat(log).hasBinaryContent(zeroed);
        Files.write(log, new byte[0]);
        assertCorrupted(0, "");
        assertThat(log).isEmptyFile();
    }

    @Test
    void anAcknowledgedTailIsNotCutOff() throws IOException { // DAMAGE-2
        byte[] torn = Arrays.copyOf(Files.readAllBytes(log), (int) Files.size(log) * 2 / 3);
        Files.write(log, torn);
        assertCorrupted(4, "change 4 was acknowledged");
        assertThat(log).hasBinaryContent(torn);
    }

    @Test
    void damageBeforeTheLastChangeIsNotATornTail() throws IOException { // DAMAGE-2
        Path copy = Files.createDirectory(directory.resolve("copy"));
        try (StorageBackend backend = Backends.open(copy)) {
            long[] ends = new long[6];
            for (int i = 1; i < ends.length; i++) {
                backend.saveEntries(i, List.of(Backends.run("g", 3L * i, 3, 1000)));
                ends[i] = Files.size(copy.resolve(FIRST));
            }
            byte[] whole = Files.readAllBytes(copy.resolve(FIRST));
            for (int change = 2; change <= 3; change++) {
                Path crashed = Files.createDirectory(directory.resolve("crashed-" + change));
                Files.copy(copy.resolve("XODUS"), crashed.resolve("XODUS"));
                byte[] damaged = whole.clone();
                Arrays.fill(damaged, (int) ends[change - 1], (int) ends[change], (byte) 0);
                Files.write(crashed.resolve(FIRST), damaged);
                assertThatThrownBy(() -> recovered(crashed, 0, new ArrayList<>()))
                        .isInstanceOf(StorageException.Corrupted.class)
                        .hasMessageContaining("change 4 was acknowledged");
                assertThat(crashed.resolve(FIRST)).hasBinaryContent(damaged);
            }
        }
    }

    @Test
    void aTornTailThatNothingProvesIsCutOffAndReported() throws IOException { // CRASH-1
        Path copy = Files.createDirectory(directory.resolve("copy"));
        // as a SIGKILL leaves it: a clean close writes another root
        try (StorageBackend backend = Backends.open(copy)) {
            backend.saveEntries(1, List.of(Backends.run("g", 0, 3, 1000)));
            long before = Files.size(copy.resolve(FIRST));
            backend.saveEntries(2, List.of(Backends.run("g", 3, 3, 1000)));
            byte[] whole = Files.readAllBytes(copy.resolve(FIRST));
            for (int length = (int) before; length < whole.length; length += 500) {
                Path crashed = Files.createDirectory(directory.resolve("crashed-" + length));
                Files.copy(copy.resolve("XODUS"), crashed.resolve("XODUS"));
                Files.write(crashed.resolve(FIRST), Arrays.copyOf(whole, length));
                List<Repair> repairs = new ArrayList<>();
                assertThat(recovered(crashed, 1, repairs).sequence()).isEqualTo(1);
                assertThat(repairs).hasSize(length == before ? 0 : 1);
                assertThat(recovered(crashed, 1, repairs).sequence()).isEqualTo(1);
            }
        }
    }

    @Test
    void aLastFileWhoseBeginningIsTornIsATornTail() throws IOException { // CRASH-3
        Path copy = Files.createDirectory(directory.resolve("copy"));
        long sequence = 0;
        try (StorageBackend backend = Backends.open(copy)) {
            while (Files.notExists(copy.resolve(SECOND))) {
                sequence++;
                backend.saveEntries(sequence, List.of(Backends.run("g", 3 * sequence, 3, 10_000)));
            }
            Path crashed = Files.createDirectory(directory.resolve("crashed"));
            Files.copy(copy.resolve("XODUS"), crashed.resolve("XODUS"));
            Files.copy(copy.resolve(FIRST), crashed.resolve(FIRST));
            Files.write(crashed.resolve(SECOND), new byte[4096]); // its length reached the disk, its bytes did not
            long proven = sequence - 1;
            assertThatThrownBy(() -> Backends.open(crashed, Map.of(), proven, true))
                    .as("a clean end tears nothing")
                    .isInstanceOf(StorageException.Corrupted.class);
            assertThat(crashed.resolve(SECOND)).exists();
            List<Repair> repairs = new ArrayList<>();
            assertThat(recovered(crashed, proven, repairs).sequence()).isEqualTo(proven);
            assertThat(repairs).isNotEmpty();
            assertThat(crashed.resolve(SECOND)).doesNotExist();
        }
    }

    /** Xodus' cleaner begins files from an opening on, long before the first change after it. */
    @Test
    void afterACleanEndAFileThatWasBegunSinceMayBeTorn() throws IOException { // CRASH-2
        Path closed = Files.createDirectory(directory.resolve("closed"));
        long sequence = 0;
        try (StorageBackend backend = Backends.open(closed)) {
            while (Files.notExists(closed.resolve(SECOND))) {
                sequence++;
                backend.saveEntries(sequence, List.of(Backends.run("g", 3 * sequence, 3, 10_000)));
            }
        }
        String third = LogUtil.getLogFilename(512 << 10);
        Path crashed = Files.createDirectory(directory.resolve("crashed"));
        try (StorageBackend backend = Backends.open(closed, Map.of(), sequence, true)) {
            assertThat(backend).isNotNull();
            try (Stream<Path> files = Files.list(closed)) {
                for (Path file : files.toList()) {
                    Files.copy(file, crashed.resolve(file.getFileName()));
                }
            }
        }
        Path second = crashed.resolve(SECOND);
        byte[] padding = new byte[(256 << 10) - (int) Files.size(second)];
        Arrays.fill(padding, (byte) 0x80); // as Xodus fills a file that has no room for the next record
        Files.write(second, padding, StandardOpenOption.APPEND);
        Files.write(crashed.resolve(third), new byte[4096]);
        try (StorageBackend backend = Backends.open(crashed, Map.of(), sequence, true)) {
            assertThat(Backends.read(backend, "g", 3, 3 * sequence + 2)).hasSize((int) (3 * sequence));
        }
        assertThat(crashed.resolve("IN-USE")).doesNotExist();
    }

    private static Loaded recovered(Path crashed, long proven, List<Repair> repairs) throws IOException {
        XodusStorageProvider provider = new XodusStorageProvider();
        Options options = Options.of("xodus", provider.options(), Map.of());
        try (StorageBackend backend =
                provider.open(new BackendContext(crashed, options, Backends.ID, proven, false, repairs::add))) {
            return backend.load();
        }
    }

    @Test
    void aRottenRecordIsFound() throws IOException { // DAMAGE-1
        byte[] whole = Files.readAllBytes(log);
        byte[] storageId = ByteBuffer.allocate(16).putLong(17).putLong(4).array();
        byte[] groupNumberAndName = {0, 0, 0, 2, 1, 'h'};
        Map<byte[], Integer> places = Map.of(
                "voted-for-me".getBytes(UTF_8),
                3,
                storageId,
                16 + 7,
                groupNumberAndName,
                groupNumberAndName.length + 15);
        for (Map.Entry<byte[], Integer> place : places.entrySet()) {
            Files.write(log, flippedBehind(whole, place.getKey(), place.getValue()));
            assertCorrupted(0, "checksum");
        }
        Files.write(log, whole);
        byte[] ours = Files.readAllBytes(directory.resolve("XODUS"));
        ours[25] ^= 1;
        Files.write(directory.resolve("XODUS"), ours);
        assertCorrupted(0, "XODUS");
    }

    @Test
    void theFileThatSaysWhatIsHereIsWholeAndOfAFormatThatIsKnown() throws IOException { // DAMAGE-1, DAMAGE-5
        Path ours = directory.resolve("XODUS");
        byte[] whole = Files.readAllBytes(ours);
        for (int length : new int[] {0, whole.length - 1, whole.length + 1}) {
            Files.write(ours, Arrays.copyOf(whole, length));
            assertCorrupted(0, "it has " + length + " bytes");
        }
        byte[] newer = whole.clone();
        newer[4] = 2;
        Files.write(ours, newer);
        assertThatThrownBy(() -> Backends.open(directory))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("format 2");
    }

    @Test
    void theFilesOfAnotherStorageAreRefused() {
        XodusStorageProvider provider = new XodusStorageProvider();
        assertThatThrownBy(() -> provider.open(new BackendContext(
                        directory,
                        Options.of("xodus", provider.options(), Map.of()),
                        new UUID(1, 1),
                        0,
                        true,
                        repair -> {})))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(Backends.ID.toString());
    }

    @Test
    void settingsOfXodusOwnAreRefused() throws IOException {
        Files.writeString(directory.resolve("exodus.properties"), "exodus.log.durableWrite=false");
        assertThatThrownBy(() -> Backends.open(directory))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("exodus.properties");
    }

    @Test
    void rottenEntriesAndOldFilesAreFoundThroughTheCore() throws IOException { // DAMAGE-1, DAMAGE-2, DAMAGE-3
        Path root = directory.resolve("storage");
        StorageConfig config =
                StorageConfig.of(Map.of("mooring.backend", "xodus")).withDirectory(root);
        try (RaftStorage storage = RaftStorage.open(config)) {
            save(storage, 1, "early");
        }
        Path file = root.resolve("data").resolve(FIRST);
        byte[] old = Files.readAllBytes(file);
        try (RaftStorage storage = RaftStorage.open(config)) {
            save(storage, 2, "the payload that rots");
            save(storage, 3, "late");
        }
        byte[] whole = Files.readAllBytes(file);

        Files.write(file, old);
        assertThatThrownBy(() -> RaftStorage.open(config)).isInstanceOf(StorageException.Corrupted.class);

        Files.write(file, flippedBehind(whole, "the payload that rots".getBytes(UTF_8), 3));
        try (RaftStorage storage = RaftStorage.open(config)) {
            assertThat(storage.group("g").get(1)).isNotNull();
            assertThatThrownBy(() -> storage.group("g").get(2)).isInstanceOf(StorageException.Corrupted.class);
        }
    }

    private static void save(RaftStorage storage, long index, String payload) throws IOException {
        storage.group("g")
                .saveEntries(new TermAndVote(1, "n1"), List.of(LogEntry.of(index, 1, payload.getBytes(UTF_8))));
    }

    private void assertCorrupted(long proven, String message) {
        assertThatThrownBy(() -> Backends.open(directory, Map.of(), proven, true))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(message);
    }

    /** Flips one bit so far behind the begin of every copy of this; the log keeps what was replaced for a while. */
    private static byte[] flippedBehind(byte[] whole, byte[] begin, int offset) {
        byte[] damaged = whole.clone();
        int flipped = 0;
        for (int i = 0; i + begin.length <= whole.length; i++) {
            if (ByteBuffer.wrap(whole, i, begin.length).equals(ByteBuffer.wrap(begin))) {
                damaged[i + offset] ^= 1;
                flipped++;
            }
        }
        assertThat(flipped).isPositive();
        return damaged;
    }
}
