// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.LogEntry;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Options;
import dev.mooring.spi.Repair;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lmdbjava.LmdbNativeException;

/** Files that are missing, cut off, foreign, old or rotten. */
class DamageTest {

    @TempDir
    Path directory;

    private Path data;

    @BeforeEach
    void fill() throws IOException {
        data = directory.resolve("data.mdb");
        try (StorageBackend backend = Stores.open(directory)) {
            backend.saveEntries(1, List.of(Stores.vote("g", 7, "voted-for-me")));
            backend.saveEntries(2, List.of(Stores.run("g", 0, 200, 3000), Stores.run("h", 5, 2, 20)));
            backend.saveEntries(
                    3, List.of(new Update("h", null, List.of(), null, ByteBuffer.wrap("attached".getBytes(UTF_8)))));
            backend.saveSnapshot(
                    4, new Update("g", null, List.of(), null, null), new SnapshotPointer(100, 1, false, 3));
        }
    }

    @Test
    void aMissingFileIsNotAnEmptyStore() throws IOException { // DAMAGE-3
        Files.delete(data);
        assertCorrupted(0, "missing");
        assertThat(data).doesNotExist();
        Files.delete(directory.resolve("lock.mdb"));
        assertCorrupted(1, "missing");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFileCutOffAnywhereIsRefusedBeforeItIsMapped() throws Exception { // DAMAGE-1
        Child.End end = new Child().run(getClass(), "refusesEveryLength", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void refusesEveryLength(Path directory) throws IOException {
        Path data = directory.resolve("data.mdb");
        byte[] whole = Files.readAllBytes(data);
        for (int length : new int[] {0, 1, 151, 4096, 8191, 8192, 40_000, whole.length / 2, whole.length - 1}) {
            Files.write(data, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Stores.read(Stores.open(directory), "g", 0, 199))
                    .as("cut off at " + length)
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining("data.mdb");
        }
    }

    @Test
    void aDamagedHeaderIsRefusedBeforeItIsMapped() throws Exception { // DAMAGE-4
        Child.End end = new Child().run(getClass(), "refusesDamagedHeaders", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void refusesDamagedHeaders(Path directory) throws IOException {
        Path data = directory.resolve("data.mdb");
        byte[] whole = Files.readAllBytes(data);
        int[] places = {10, 16, 32 + 7, 40, 80 + 4, 128 + 7, 136 + 4};
        for (int place : places) {
            for (int page : new int[] {0, 4096}) {
                byte[] damaged = whole.clone();
                damaged[page + place] ^= 0x7f;
                Files.write(data, damaged);
                assertThatThrownBy(() -> Stores.open(directory))
                        .as("byte " + place + " of the header at " + page)
                        .isInstanceOf(StorageException.class);
            }
        }
        for (int pageBytes : new int[] {0, -4096, 1000, 8192, 1 << 17}) {
            for (int page : new int[] {0, 4096}) {
                byte[] damaged = whole.clone();
                ByteBuffer.wrap(damaged).order(ByteOrder.nativeOrder()).putInt(page + 40, pageBytes);
                Files.write(data, damaged);
                assertThatThrownBy(() -> Stores.open(directory))
                        .as("pages of " + pageBytes + " bytes in the header at " + page)
                        .isInstanceOf(StorageException.class);
            }
        }
        byte[] newer = whole.clone();
        newer[20] = 9;
        Files.write(data, newer);
        assertThatThrownBy(() -> Stores.open(directory))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("format 9");
    }

    @Test
    void aTornHeaderIsReplacedByTheOneBeforeItAndReported() throws IOException { // CRASH-3
        byte[] whole = Files.readAllBytes(data);
        for (int page : new int[] {0, 4096}) {
            byte[] torn = whole.clone();
            byte[] garbage = new byte[100];
            new Random(page).nextBytes(garbage);
            System.arraycopy(garbage, 0, torn, page + 24, garbage.length);
            Files.write(data, torn);
            assertCorrupted(0, "at offset " + page); // after a clean end nothing can be torn
            List<Repair> repairs = new ArrayList<>();
            LmdbStorageProvider provider = new LmdbStorageProvider();
            Options options = Options.of("lmdb", provider.options(), Map.of());
            long sequence;
            try (StorageBackend backend =
                    provider.open(new BackendContext(directory, options, Stores.ID, 3, false, repairs::add))) {
                sequence = backend.load().sequence();
                backend.saveEntries(sequence + 1, List.of(Stores.vote("g", 9, null)));
            }
            assertThat(sequence).isBetween(3L, 4L); // the older header is as good as the newer one
            assertThat(repairs).hasSize(1);
            assertThat(repairs.get(0).description())
                    .contains("header-" + page + ".replaced")
                    .contains("may have torn", "or that has rotted"); // nothing tells one from the other
            assertThat(Files.readAllBytes(directory.resolve("header-" + page + ".replaced")))
                    .isEqualTo(Arrays.copyOfRange(torn, page, page + 152));
            try (StorageBackend backend = Stores.open(directory)) {
                assertThat(Stores.read(backend, "g", 0, 199)).hasSize(200);
            }
        }
    }

    @Test
    void everyHeaderThatIsReplacedIsKept() throws IOException { // DAMAGE-2
        byte[] whole = Files.readAllBytes(data);
        for (byte rot : new byte[] {0x11, 0x22, 0x22, 0x33}) { // one of them again, as after a kill while it was mended
            byte[] damaged = whole.clone();
            Arrays.fill(damaged, 24, 124, rot);
            Files.write(data, damaged);
            new DataFile(directory).check(Stores.context(directory, Map.of(), 9, false));
        }
        assertThat(kept("header-0.replaced")).isEqualTo(0x11);
        assertThat(kept("header-0.replaced-2")).isEqualTo(0x22);
        assertThat(kept("header-0.replaced-3")).isEqualTo(0x33);
        assertThat(directory.resolve("header-0.replaced-4")).doesNotExist();
    }

    private int kept(String name) throws IOException {
        return Files.readAllBytes(directory.resolve(name))[100];
    }

    @Test
    void aTornFirstHeaderIsReplacedWhateverLengthAPageHas() throws IOException { // CRASH-3
        byte[] whole = Files.readAllBytes(data);
        for (int pageBytes : new int[] {8192, 1 << 14, 1 << 16}) { // those of other processors
            byte[] torn = whole.clone();
            Arrays.fill(torn, 24, 4096 + 152, (byte) 0x5a);
            System.arraycopy(whole, 4096, torn, pageBytes, 152);
            ByteBuffer.wrap(torn)
                    .order(ByteOrder.nativeOrder())
                    .putInt(pageBytes + 40, pageBytes)
                    .putLong(pageBytes + 80, -1) // two empty trees
                    .putLong(pageBytes + 128, -1)
                    .putLong(pageBytes + 136, 1);
            Files.write(data, torn);
            List<Repair> repairs = new ArrayList<>();
            Options options = Options.of("lmdb", new LmdbStorageProvider().options(), Map.of());
            new DataFile(directory).check(new BackendContext(directory, options, Stores.ID, 3, false, repairs::add));
            assertThat(repairs).as("pages of " + pageBytes + " bytes").hasSize(1);
            byte[] mended = Files.readAllBytes(data);
            assertThat(Arrays.copyOfRange(mended, 16, 152))
                    .isEqualTo(Arrays.copyOfRange(mended, pageBytes + 16, pageBytes + 152));
        }
    }

    @Test
    void aRottenRecordIsFound() throws IOException { // DAMAGE-1
        byte[] whole = Files.readAllBytes(data);
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
            Files.write(data, flippedBehind(whole, place.getKey(), place.getValue()));
            assertCorrupted(0, "checksum");
        }
    }

    @Test
    void anEntryThatCanNotBeOneIsDamage() throws IOException { // DAMAGE-1
        byte[] whole = Files.readAllBytes(data);
        byte[] key = ByteBuffer.allocate(12).putInt(2).putLong(5).array(); // of entry 5 of group 'h'
        byte[][] tooShortTooLongAndOfANegativeTerm = {{5, 0, 0, 0}, {-1, -1, -1, -1}, {-128}};
        for (byte[] rot : tooShortTooLongAndOfANegativeTerm) {
            byte[] damaged = whole.clone();
            for (int i = 8; i + key.length < whole.length; i++) {
                if (Arrays.equals(whole, i, i + key.length, key, 0, key.length)) {
                    int place = rot.length == 1 ? i + key.length : i - 8; // the value, and its length
                    System.arraycopy(rot, 0, damaged, place, rot.length);
                }
            }
            assertThat(damaged).isNotEqualTo(whole);
            Files.write(data, damaged);
            assertThatThrownBy(() -> {
                        try (StorageBackend backend = Stores.open(directory)) {
                            Stores.read(backend, "h", 5, 6);
                        }
                    })
                    .as(Arrays.toString(rot))
                    .isInstanceOf(StorageException.Corrupted.class);
        }
    }

    @Test
    void theFileOfAnotherStorageIsRefused() {
        LmdbStorageProvider provider = new LmdbStorageProvider();
        assertThatThrownBy(() -> {
                    try (StorageBackend backend = provider.open(new BackendContext(
                            directory,
                            Options.of("lmdb", provider.options(), Map.of()),
                            new UUID(1, 1),
                            0,
                            true,
                            repair -> {}))) {
                        backend.load();
                    }
                })
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(Stores.ID.toString());
    }

    @Test
    void rottenEntriesAndOldFilesAreFoundThroughTheCore() throws IOException { // DAMAGE-1, DAMAGE-2, DAMAGE-3
        Path root = directory.resolve("storage");
        StorageConfig config =
                StorageConfig.of(Map.of("mooring.backend", "lmdb")).withDirectory(root);
        Path old = directory.resolve("old.mdb");
        try (RaftStorage storage = RaftStorage.open(config)) {
            save(storage, 1, "early");
        }
        Path file = root.resolve("data").resolve("data.mdb");
        Files.copy(file, old);
        try (RaftStorage storage = RaftStorage.open(config)) {
            save(storage, 2, "the payload that rots");
            save(storage, 3, "late");
        }
        byte[] whole = Files.readAllBytes(file);

        Files.copy(old, file, StandardCopyOption.REPLACE_EXISTING);
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
        assertThatThrownBy(() -> Stores.open(directory, Map.of(), proven, true))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(message);
    }

    /** Flips one bit so far behind the begin of every copy of this; the tree keeps old pages for a while. */
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

    /** After a header that could not be written LMDB refuses reads, too: the log is not damaged, and its group not closed. */
    @Test
    void aPanicAfterAFailedWriteIsNoDamage() throws ReflectiveOperationException { // FAULT-2
        Constructor<LmdbNativeException.PanicException> made =
                LmdbNativeException.PanicException.class.getDeclaredConstructor();
        made.setAccessible(true);
        assertThat(Faults.explain(Path.of("data"), "entries can not be read", made.newInstance()))
                .isNotInstanceOf(StorageException.class)
                .hasMessageContaining("entries can not be read");
    }
}
