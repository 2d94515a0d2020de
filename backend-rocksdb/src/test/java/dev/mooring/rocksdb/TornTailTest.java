// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.mooring.spi.Loaded;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The write-ahead log after a crash: a torn last save is cut off and told, anything more is refused. */
class TornTailTest {

    private static final int LAST = 40;

    @TempDir
    Path directory;

    private Path data;
    private Path log;
    private byte[] whole;
    private int lastRecord; // where it begins
    private int copies;

    @BeforeEach
    void crash() throws IOException {
        Path running = directory.resolve("running");
        try (StorageBackend backend = Stores.open(running)) {
            for (int i = 1; i < LAST; i++) {
                backend.saveEntries(i, List.of(Stores.run("g", i, 1, 300))); // all in one block of 32 KiB
            }
            lastRecord = (int) Files.size(Stores.files(running, ".log").get(0));
            backend.saveEntries(LAST, List.of(Stores.run("g", LAST, 1, 2000)));
            data = Stores.copy(running, directory.resolve("data"));
        }
        log = Stores.files(data, ".log").get(0);
        whole = Files.readAllBytes(log);
        assertThat(whole.length).isBetween(lastRecord + 2000, 32 << 10);
    }

    @Test
    void anUndamagedLogIsReadToItsEnd() throws IOException { // CRASH-1
        List<Repair> repairs = new ArrayList<>();
        assertThat(Stores.recovered(data, LAST, repairs::add).sequence()).isEqualTo(LAST);
        assertThat(repairs).isEmpty();
    }

    @Test
    void aTornLastSaveIsCutOffAndToldWhateverIsLeftOfIt() throws IOException { // DAMAGE-2
        int torn = 0;
        for (byte[] left : tornTails()) {
            Path copy = Stores.copy(data, directory.resolve("torn-" + torn++));
            Files.write(copy.resolve(log.getFileName()), left);
            List<Repair> repairs = new ArrayList<>();
            Loaded loaded = Stores.recovered(copy, LAST - 1, repairs::add);
            assertThat(loaded.sequence()).isEqualTo(LAST - 1);
            assertThat(loaded.groups().get("g").lastIndex()).isEqualTo(LAST - 1);
            assertThat(repairs).hasSize(1);
            assertThat(repairs.get(0).file().getFileName()).isEqualTo(log.getFileName());
            assertThat(repairs.get(0).offset()).isEqualTo(lastRecord);
            goesOn(copy);
        }
    }

    private static void goesOn(Path copy) throws IOException {
        try (StorageBackend backend = Stores.open(copy, Map.of(), LAST - 1, true)) {
            backend.saveEntries(LAST, List.of(Stores.run("g", LAST, 3, 50)));
        }
        try (StorageBackend backend = Stores.open(copy, Map.of(), LAST, true)) {
            assertThat(Stores.read(backend, "g", 1, 100)).hasSize(LAST + 2);
        }
    }

    @Test
    void aLastSaveThatTheMarkProvesIsNotCutOff() throws IOException { // DAMAGE-2
        for (byte[] left : tornTails()) {
            Files.write(log, left);
            assertRefused(LAST, false, "change " + LAST + " was acknowledged");
        }
    }

    @Test
    void nothingIsTornAfterACleanEnd() throws IOException { // DAMAGE-2
        for (byte[] left : tornTails()) {
            Files.write(log, left);
            assertRefused(0, true, "nothing was being written");
        }
    }

    @Test
    void aTailThatIsMissingToTheByteIsNotCutOff() throws IOException { // DAMAGE-2
        Files.write(log, Arrays.copyOf(whole, lastRecord));
        assertRefused(LAST, false, "ends at change " + (LAST - 1));
        assertRefused(LAST, true, "ends at change " + (LAST - 1));
    }

    @Test
    void rotThatWholeRecordsFollowIsNotTakenForATornTail() throws IOException { // DAMAGE-2
        Random random = new Random(7);
        for (int i = 0; i < 40; i++) {
            byte[] rotten = whole.clone();
            rotten[random.nextInt(lastRecord)] ^= (byte) (1 << random.nextInt(8));
            Files.write(log, rotten);
            // nothing is proven: what follows in the same block is all that tells
            assertRefused(0, false, log.getFileName() + " at offset");
        }
        byte[] zeroed = whole.clone();
        Arrays.fill(zeroed, 512, 1024, (byte) 0);
        Files.write(log, zeroed);
        assertRefused(0, false, "whole ones follow it");
    }

    /** Of a record in several pieces the first is whole, and still it is the one after it that tells. */
    @Test
    void rotInTheSecondPieceOfARecordIsNotTakenForATornTail() throws IOException { // DAMAGE-2
        Path running = directory.resolve("crossing");
        Path copy;
        int end;
        try (StorageBackend backend = Stores.open(running)) {
            backend.saveEntries(1, List.of(Stores.run("g", 1, 1, 30_000)));
            backend.saveEntries(2, List.of(Stores.run("g", 2, 1, 6_000))); // over the end of the first block
            end = (int) Files.size(Stores.files(running, ".log").get(0));
            backend.saveEntries(3, List.of(Stores.run("g", 3, 1, 100)));
            copy = Stores.copy(running, directory.resolve("crossed"));
        }
        Path crossed = Stores.files(copy, ".log").get(0);
        byte[] bytes = Files.readAllBytes(crossed);
        assertThat(end).isBetween((32 << 10) + 1000, (32 << 10) + 6000);
        bytes[(32 << 10) + 500] ^= 1;
        Files.write(crossed, bytes);
        assertThatThrownBy(() -> Stores.open(copy, Map.of(), 1, false))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("whole ones follow it");
        Files.write(crossed, Arrays.copyOf(bytes, end)); // without the third it is a torn tail
        assertThat(Stores.recovered(copy, 1, repair -> {}).sequence()).isEqualTo(1);
    }

    @Test
    void aCutThatWasInterruptedIsMadeAgain() throws IOException { // CRASH-2
        Files.write(log, tornTails().get(1));
        try (StorageBackend backend = Stores.unloaded(data, Map.of(), 0, false, repair -> {})) {
            assertThat(backend.load().sequence()).isEqualTo(LAST - 1);
            Path again = Stores.copy(data, directory.resolve("again"));
            Files.write(again.resolve(log.getFileName()), tornTails().get(1)); // its deletion was not durable
            assertThat(Stores.recovered(again, LAST - 1, repair -> {}).sequence())
                    .isEqualTo(LAST - 1);
        }
    }

    @Test
    void ofTheLastEntriesOfTheBooksASectorMayBeMissing() throws IOException { // CRASH-5
        Path books = data.resolve(Files.readString(data.resolve("CURRENT")).strip());
        byte[] before = Files.readAllBytes(books);
        int begin = before.length;
        int sectorEnd = begin + 512 - begin % 512;
        int end = sectorEnd + 95;
        byte[] entries = appended(begin, end - begin - 7, 16); // one over the end of its sector, one more behind
        byte[] written = Arrays.copyOf(before, begin + entries.length);
        System.arraycopy(entries, 0, written, begin, entries.length);
        for (int[] missing : new int[][] {{begin, sectorEnd}, {sectorEnd, end}}) {
            byte[] lacking = written.clone();
            Arrays.fill(lacking, missing[0], missing[1], (byte) 0);
            Path copy = withBooks(books, lacking);
            Map<String, String> untouched = Stores.contents(copy);
            assertThatThrownBy(() -> Stores.open(copy, Map.of(), LAST, true))
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining("at offset " + begin);
            assertThat(Stores.contents(copy)).isEqualTo(untouched);
            List<Repair> repairs = new ArrayList<>();
            assertThat(Stores.recovered(copy, LAST, repairs::add).sequence()).isEqualTo(LAST);
            assertThat(repairs)
                    .extracting(repair -> repair.file().getFileName(), Repair::offset)
                    .containsExactly(tuple(books.getFileName(), (long) begin));
            // one byte of it that is there, and it is rot: the entry was whole once
            for (int rotten : new int[] {missing[0], missing[1] - 1}) {
                byte[] bytes = lacking.clone();
                bytes[rotten] = 1;
                Path other = withBooks(books, bytes);
                assertThatThrownBy(() -> Stores.open(other, Map.of(), LAST, false))
                        .isInstanceOf(StorageException.Corrupted.class)
                        .hasMessageContaining("whole ones follow it");
            }
        }
    }

    @Test
    void theLastEntryOfTheBooksMayEndAnywhere() throws IOException { // CRASH-5
        Path books = data.resolve(Files.readString(data.resolve("CURRENT")).strip());
        byte[] before = Files.readAllBytes(books);
        byte[] entry = appended(before.length, 16);
        assertThat(before.length % 512).isLessThan(512 - 7); // what was to follow would not begin in another sector
        for (int left = 1; left < entry.length; left++) {
            byte[] cut = Arrays.copyOf(before, before.length + left);
            System.arraycopy(entry, 0, cut, before.length, left);
            Path copy = withBooks(books, cut);
            assertThatThrownBy(() -> Stores.open(copy, Map.of(), LAST, true))
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining("nothing was being written");
            List<Repair> repairs = new ArrayList<>();
            assertThat(Stores.recovered(copy, LAST, repairs::add).sequence()).isEqualTo(LAST);
            assertThat(repairs)
                    .extracting(repair -> repair.file().getFileName(), Repair::offset)
                    .containsExactly(tuple(books.getFileName(), (long) before.length));
        }
    }

    @Test
    void whatRocksDbWroteAtAnOpeningAfterACleanEndMayBeTorn() throws IOException { // CRASH-2
        Path closed = directory.resolve("closed");
        try (StorageBackend backend = Stores.open(closed)) {
            backend.saveEntries(1, List.of(Stores.run("g", 1, 1, 300)));
        }
        Path cutOff;
        try (StorageBackend backend = Stores.open(closed, Map.of(), 1, true)) {
            assertThat(backend.load().sequence()).isEqualTo(1);
            cutOff = Stores.copy(closed, directory.resolve("cut-off"));
        }
        Path books = cutOff.resolve(Files.readString(cutOff.resolve("CURRENT")).strip());
        byte[] whole = Files.readAllBytes(books);
        Files.write(books, Arrays.copyOf(whole, whole.length + 119)); // its length had reached the disk, not the entry
        List<Repair> repairs = new ArrayList<>();
        try (StorageBackend backend = Stores.unloaded(cutOff, Map.of(), 1, true, repairs::add)) {
            assertThat(backend.load().sequence()).isEqualTo(1);
        }
        assertThat(repairs).extracting(Repair::offset).containsExactly((long) whole.length);
        // closed well, that opening is over: the same again is damage
        Path reopened =
                cutOff.resolve(Files.readString(cutOff.resolve("CURRENT")).strip());
        byte[] after = Files.readAllBytes(reopened);
        Files.write(reopened, Arrays.copyOf(after, after.length + 119));
        assertThatThrownBy(() -> Stores.open(cutOff, Map.of(), 1, true))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("nothing was being written");
    }

    private Path withBooks(Path books, byte[] bytes) throws IOException {
        Path copy = Stores.copy(data, directory.resolve("books-" + copies++));
        Files.write(copy.resolve(books.getFileName()), bytes);
        return copy;
    }

    /** Entries as RocksDB writes them, with data of these lengths, none of which crosses the end of a block. */
    private static byte[] appended(int at, int... lengths) {
        int bytes = Arrays.stream(lengths).map(length -> 7 + length).sum();
        assertThat(at + bytes).isLessThan(32 << 10);
        ByteBuffer entries = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int length : lengths) {
            byte[] typeAndData = new byte[1 + length];
            Arrays.fill(typeAndData, (byte) 1);
            CRC32C checksum = new CRC32C();
            checksum.update(typeAndData);
            entries.putInt(Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8);
            entries.putShort((short) length).put(typeAndData);
        }
        return entries.array();
    }

    /** Cut short, garbled, zeroed, and with zeros or garbage where more was to come. */
    private List<byte[]> tornTails() {
        byte[] garbage = new byte[1500];
        new Random(3).nextBytes(garbage);
        List<byte[]> tails = new ArrayList<>();
        for (int length : new int[] {lastRecord + 3, lastRecord + 300, whole.length - 1}) {
            tails.add(Arrays.copyOf(whole, length));
        }
        byte[] garbled = whole.clone();
        System.arraycopy(garbage, 0, garbled, lastRecord + 100, garbage.length);
        tails.add(garbled);
        byte[] headless = whole.clone();
        Arrays.fill(headless, lastRecord, lastRecord + 512, (byte) 0);
        tails.add(headless);
        byte[] tailless = whole.clone();
        Arrays.fill(tailless, lastRecord + 512, whole.length, (byte) 0);
        tails.add(tailless);
        byte[] flipped = whole.clone();
        flipped[whole.length - 2] ^= 1;
        tails.add(flipped);
        byte[] longer = Arrays.copyOf(whole, lastRecord + 8000);
        Arrays.fill(longer, lastRecord, longer.length, (byte) 0);
        tails.add(longer);
        return tails;
    }

    /** And every byte stays as it is. */
    private void assertRefused(long proven, boolean endedCleanly, String message) throws IOException {
        Map<String, String> before = Stores.contents(data);
        assertThatThrownBy(() -> Stores.open(data, Map.of(), proven, endedCleanly))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(message)
                .hasMessageContaining(data.toString());
        assertThat(Stores.contents(data)).isEqualTo(before);
    }
}
