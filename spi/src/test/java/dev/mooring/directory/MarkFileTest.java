// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.hooks.FileHook.Operation;
import dev.mooring.hooks.HookedFileSystem;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DAMAGE-2: the mark. */
final class MarkFileTest {

    private static final UUID STORAGE = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void create() throws IOException {
        file = directory.resolve("MARK");
        MarkFile.create(file, STORAGE);
    }

    @Test
    void aSlotIsTheDocumentedOne() {
        ByteBuffer slot = new MarkSlot(1, STORAGE, 0x0102030405060708L, 0x1112131415161718L, true).encode();
        assertThat(slot.remaining()).isEqualTo(4096);
        byte[] head = new byte[48];
        slot.get(head);
        assertThat(head)
                .asHexString()
                .isEqualTo("4D4F4F524D41524B" + "00000001" + "00000001" + "00112233445566778899AABBCCDDEEFF"
                        + "0102030405060708" + "1112131415161718");
        CRC32C crc = new CRC32C();
        crc.update(slot.duplicate().position(0).limit(4092));
        assertThat(slot.getInt(4092)).isEqualTo((int) crc.getValue());
        slot.position(48).limit(4092);
        assertThat(slot.mismatch(ByteBuffer.allocate(4092 - 48))).isEqualTo(-1);
    }

    @Test
    void everyFlippedBitOfASlotIsFound() {
        byte[] slot = new MarkSlot(1, STORAGE, 77, 4, true).encode().array();
        for (int bit = 0; bit < slot.length * 8; bit++) {
            slot[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(MarkSlot.decode(ByteBuffer.wrap(slot), 0))
                    .as("bit %s", bit)
                    .isNull();
            slot[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(MarkSlot.decode(ByteBuffer.wrap(slot), 0)).isNotNull();
    }

    @Test
    void aSlotInTheOtherPlaceIsNoSlot() {
        ByteBuffer slot = new MarkSlot(1, STORAGE, 77, 4, true).encode();
        assertThat(MarkSlot.decode(slot, 1)).isNull();
    }

    @Test
    void aDamagedByteFallsBackToTheMarkBeforeAndIsReported() throws IOException {
        try (MarkFile mark = open()) {
            mark.beginChanges(); // generation 3, slot 1
            mark.mark(10); // 4, slot 0
            mark.mark(20); // 5, slot 1
        }
        byte[] bytes = Files.readAllBytes(file);
        for (int position = 0; position < bytes.length; position += 5) { // the test above flips every bit
            bytes[position] ^= 0x20;
            Files.write(file, bytes);
            bytes[position] ^= 0x20;
            try (MarkFile mark = open()) {
                assertThat(mark.sequence()).isEqualTo(position < 4096 ? 20 : 10);
                assertThat(mark.endedCleanly()).isFalse();
                assertThat(mark.repairs()).extracting(Repair::offset).containsExactly(position < 4096 ? 0L : 4096L);
            }
        }
    }

    @Test
    void damageAfterACleanEndLowersNothingButItsWord() throws IOException {
        try (MarkFile mark = open()) {
            mark.beginChanges();
            mark.markCleanEnd(9);
        }
        byte[] bytes = Files.readAllBytes(file);
        for (int position = 0; position < bytes.length; position += 7) {
            bytes[position] ^= 1;
            Files.write(file, bytes);
            bytes[position] ^= 1;
            try (MarkFile mark = open()) {
                assertThat(mark.sequence()).isEqualTo(9);
                assertThat(mark.endedCleanly()).isFalse();
                mark.beginChanges();
            }
            int whole = position < 4096 ? 4096 : 0; // nothing else proves anything, so it is not the one overwritten
            assertThat(Arrays.mismatch(Files.readAllBytes(file), whole, whole + 4096, bytes, whole, whole + 4096))
                    .isEqualTo(-1);
        }
    }

    @Test
    void theDamagedSlotIsTheOneWrittenNext() throws IOException {
        try (MarkFile mark = open()) {
            mark.mark(10); // generations 3, slot 1, and 4, slot 0
        }
        damage(100);
        try (MarkFile mark = open()) {
            assertThat(mark.sequence()).isZero(); // of generation 3
            mark.beginChanges();
        }
        try (MarkFile mark = open()) {
            assertThat(mark.repairs()).isEmpty();
            assertThat(slot(0).generation()).isEqualTo(4);
            assertThat(slot(1).generation()).isEqualTo(3);
            assertThat(mark.endedCleanly()).isFalse();
        }
    }

    @Test
    void withNeitherSlotItIsDamage() throws IOException {
        damage(100);
        damage(5000);
        assertThatThrownBy(this::open)
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContainingAll(file.toString(), "neither slot", "again as a new member");
    }

    @Test
    void aWrongLengthIsDamage() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int length : new int[] {0, 1, 4095, 4096, 8191, 8193, 12288}) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(this::open).as("%s bytes", length).isInstanceOf(StorageException.Corrupted.class);
        }
    }

    @Test // DAMAGE-3
    void aMissingMarkIsDamage() throws IOException {
        Files.delete(file);
        assertThatThrownBy(this::open)
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("MARK is missing");
    }

    @Test
    void anotherStoragesMarkIsDamage() {
        assertThatThrownBy(() -> MarkFile.open(file, UUID.randomUUID()))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContainingAll(STORAGE.toString(), "files of two storages were mixed");
    }

    @Test // DAMAGE-5
    void aLaterFormatIsRefusedByNumber() throws IOException {
        write(new MarkSlot(3, STORAGE, -7, 2, false));
        assertThatThrownBy(this::open)
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll("has format 3", "reads format 1");
    }

    @Test
    void slotsThatContradictEachOtherAreDamage() throws IOException {
        write(new MarkSlot(1, STORAGE, 50, 2, false));
        write(new MarkSlot(1, STORAGE, 40, 3, false));
        assertThatThrownBy(this::open)
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("contradict each other");
    }

    @Test
    void negativeNumbersUnderARightChecksumAreNoSlot() throws IOException {
        write(new MarkSlot(1, STORAGE, -1, 2, false));
        write(new MarkSlot(1, STORAGE, 1, -3, false));
        assertThatThrownBy(this::open).isInstanceOf(StorageException.Corrupted.class);
    }

    @Test
    void beginningIsWrittenOnceAndForced() throws IOException {
        List<Operation> operations = new ArrayList<>();
        try (MarkFile mark = open(operations)) {
            mark.beginChanges();
            mark.beginChanges();
            assertThat(operations).containsExactly(Operation.WRITE, Operation.FORCE);
            mark.mark(0); // proves nothing new
            assertThat(operations).hasSize(2);
            mark.mark(4);
            mark.mark(3);
            assertThat(operations).hasSize(4);
            mark.markCleanEnd(4);
            assertThat(operations).hasSize(8);
            assertThat(mark.endedCleanly()).isTrue();
            mark.beginChanges();
            assertThat(operations).hasSize(10);
            assertThat(mark.endedCleanly()).isFalse();
            mark.markCleanEnd(4);
        }
        assertThat(slot(0).clean()).isTrue();
        assertThat(slot(1).clean()).isTrue();
    }

    @Test
    void aChangeDoesNotWaitForAMarkThatIsBeingWritten() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        boolean[] slow = {false};
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.FORCE && slow[0]) {
                writing.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        });
        try (MarkFile mark = MarkFile.open(hooked.resolve("MARK"), STORAGE)) {
            mark.beginChanges();
            slow[0] = true;
            CompletableFuture<Void> marking = CompletableFuture.runAsync(() -> {
                try {
                    mark.mark(5);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            writing.await();
            mark.beginChanges(); // returns although the slow disk has not
            goOn.countDown();
            marking.join();
        }
    }

    @Test
    void anEndWithoutAChangeIsCleanAlready() throws IOException {
        List<Operation> operations = new ArrayList<>();
        try (MarkFile mark = open(operations)) {
            mark.markCleanEnd(0);
            assertThat(operations).isEmpty();
            assertThat(mark.endedCleanly()).isTrue();
        }
    }

    @Test // CRASH-4
    void theFirstWriteAfterAnOpeningReplacesTheNewerSlotWhichASyncMayHaveFailed() throws IOException {
        try (MarkFile mark = open()) {
            mark.mark(10); // generations 3, slot 1, and 4, slot 0
        }
        byte[] bytes = Files.readAllBytes(file);
        List<Operation> operations = new ArrayList<>();
        try (MarkFile mark = open(operations)) {
            mark.beginChanges();
            assertThat(operations).containsExactly(Operation.WRITE, Operation.FORCE);
            assertThat(Files.readAllBytes(file)).isEqualTo(bytes); // so that it tears nothing
            mark.mark(11);
            assertThat(slot(1).generation()).isEqualTo(5);
            mark.markCleanEnd(12); // 6 and 7
        }
        try (MarkFile mark = open()) {
            mark.beginChanges();
            assertThat(slot(1).generation()).isEqualTo(9);
            assertThat(slot(1).clean()).isFalse();
            assertThat(slot(0).generation()).isEqualTo(6);
            assertThat(slot(0).sequence()).isEqualTo(12);
        }
    }

    @Test
    void aCleanEndBelowTheMarkIsAMistake() throws IOException {
        try (MarkFile mark = open()) {
            mark.mark(10);
            assertThatThrownBy(() -> mark.markCleanEnd(9)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test // FAULT-2
    void afterAFailedSyncNothingIsWrittenAnyMore() throws IOException {
        boolean[] broken = {false};
        List<Operation> operations = new ArrayList<>();
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            operations.add(operation);
            if (operation == Operation.FORCE && broken[0]) {
                throw new IOException("Input/output error");
            }
        });
        try (MarkFile mark = MarkFile.open(hooked.resolve("MARK"), STORAGE)) {
            mark.mark(10);
            broken[0] = true;
            assertThatThrownBy(() -> mark.mark(20))
                    .isInstanceOf(StorageException.Failed.class)
                    .hasMessageContainingAll(
                            "MARK could not be written", "Input/output error", "open the storage again");
            broken[0] = false;
            operations.clear();
            assertThatThrownBy(() -> mark.mark(30)).isInstanceOf(StorageException.Failed.class);
            assertThatThrownBy(() -> mark.markCleanEnd(30)).isInstanceOf(StorageException.Failed.class);
            assertThat(operations).isEmpty();
        }
    }

    @Test
    void afterCloseItSaysSo() throws IOException {
        MarkFile mark = open();
        mark.beginChanges();
        mark.close();
        mark.close();
        assertThatThrownBy(mark::beginChanges).isInstanceOf(StorageException.Failed.class);
        assertThatThrownBy(() -> mark.mark(1))
                .isInstanceOf(StorageException.Failed.class)
                .hasMessageContaining("is closed");
    }

    private MarkFile open() throws IOException {
        return MarkFile.open(file, STORAGE);
    }

    private MarkFile open(List<Operation> operations) throws IOException {
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> operations.add(operation));
        MarkFile opened = MarkFile.open(hooked.resolve("MARK"), STORAGE);
        operations.clear();
        return opened;
    }

    private void damage(int position) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[position] ^= 1;
        Files.write(file, bytes);
    }

    private MarkSlot slot(int place) throws IOException {
        return MarkSlot.decode(ByteBuffer.wrap(Files.readAllBytes(file)).slice(place * 4096, 4096), place);
    }

    private void write(MarkSlot slot) throws IOException {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
            channel.position(slot.place() * 4096L).write(slot.encode());
        }
    }
}
