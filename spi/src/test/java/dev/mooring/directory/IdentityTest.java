// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.directory.DataDirectory.Request;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IdentityTest {

    private static final Identity IDENTITY = new Identity(
            "files",
            "0.1.0",
            Instant.parse("2026-11-24T09:30:00.123456Z"),
            UUID.fromString("0b54b1a0-5f0c-4b9c-a1c2-0c8f5d6f7e21"),
            "n1",
            true);

    @TempDir
    Path directory;

    @Test
    void theTextIsTheDocumentedOne() {
        assertThat(StandardCharsets.US_ASCII.decode(IDENTITY.encode()).toString())
                .isEqualTo("""
                        mooring-storage
                        format=1
                        backend=files
                        created-by=0.1.0
                        created-at=2026-11-24T09:30:00.123456Z
                        storage-id=0b54b1a0-5f0c-4b9c-a1c2-0c8f5d6f7e21
                        node=n1
                        mark=kept
                        crc32c=a1b0c3f3
                        """);
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Identity alone = new Identity("memory", "0.1.0-rc1", Instant.EPOCH, UUID.randomUUID(), null, false);
        for (Identity identity : new Identity[] {IDENTITY, alone}) {
            Path file =
                    Files.write(directory.resolve("IDENTITY"), identity.encode().array());
            assertThat(Identity.read(file)).isEqualTo(identity);
        }
    }

    @Test // DAMAGE-1
    void everyFlippedBitIsFound() throws IOException {
        byte[] bytes = IDENTITY.encode().array();
        Path file = directory.resolve("IDENTITY");
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, damaged);
            assertThatThrownBy(() -> Identity.read(file))
                    .as("bit %s of byte %s", bit % 8, bit / 8)
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @Test // DAMAGE-1
    void everyTruncatedOrContinuedTextIsFound() throws IOException {
        byte[] bytes = IDENTITY.encode().array();
        Path file = directory.resolve("IDENTITY");
        for (int length = 0; length <= bytes.length + 20; length++) {
            if (length != bytes.length) {
                Files.write(file, Arrays.copyOf(bytes, length));
                assertThatThrownBy(() -> Identity.read(file)).isInstanceOf(StorageException.Corrupted.class);
            }
        }
    }

    @Test // DAMAGE-1
    void aDamagedIdentityKeepsTheStorageClosedAndUntouched() throws IOException {
        Fixture.closedStorage(directory, 3);
        Path file = directory.resolve("IDENTITY");
        byte[] bytes = Files.readAllBytes(file);
        for (int position = 0; position < bytes.length; position++) {
            byte[] damaged = bytes.clone();
            damaged[position] ^= 4;
            Files.write(file, damaged);
            Map<String, String> before = Fixture.contents(directory);
            assertThatThrownBy(() -> Fixture.open(directory))
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining("again as a new member");
            assertThat(Fixture.contents(directory)).isEqualTo(before);
        }
        Files.write(file, bytes);
        Fixture.open(directory).close();
    }

    @Test // DAMAGE-5
    void aLaterFormatIsRefusedByNumberAndUntouched() throws IOException {
        Fixture.closedStorage(directory, 3);
        rewrite(text -> text.replace("format=1\n", "format=27\n").replace("mark=kept\n", "mark=kept\nshards=4\n"));
        Map<String, String> before = Fixture.contents(directory);
        assertThatThrownBy(() -> Fixture.open(directory))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll("IDENTITY has format 27", "reads format 1", "Nothing was changed");
        assertThat(Fixture.contents(directory)).isEqualTo(before);
    }

    @Test // DAMAGE-5
    void aLaterFormatWithoutItsChecksumIsDamageThatNamesBoth() throws IOException {
        Files.writeString(directory.resolve("IDENTITY"), "mooring-storage\nformat=2\nwho knows");
        assertThatThrownBy(() -> Fixture.open(directory))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("later format 2, of which this version knows 1");
    }

    @Test // DAMAGE-4
    void hostileLinesUnderARightChecksumAreDamage() throws IOException {
        Fixture.closedStorage(directory, 3);
        Path file = directory.resolve("IDENTITY");
        byte[] bytes = Files.readAllBytes(file);
        List<UnaryOperator<String>> changes = List.of(
                text -> text.replaceFirst("backend=[^\n]*\n", ""),
                text -> text.replaceFirst("(backend=[^\n]*\n)", "$1$1"),
                text -> text.replaceFirst("(backend=[^\n]*\n)(created-by[^\n]*\n)", "$2$1"),
                text -> text.replace("format=1\n", "format=0\n"),
                text -> text.replace("format=1\n", "format=99999999999999999999\n"),
                text -> text.replace("mooring-storage\n", "mooring-storage\r\n"),
                text -> text.replaceFirst("storage-id=[^\n]*", "storage-id=1-1-1-1-1"),
                text -> text.replaceFirst("created-at=[^\n]*", "created-at=2026-99-99T00:00:00Z"),
                text -> text.replaceFirst("mark=kept", "mark=perhaps"),
                text -> text.replaceFirst("node=", "node=\u0000"),
                text -> text + "\n",
                text -> "");
        for (UnaryOperator<String> change : changes) {
            Files.write(file, bytes);
            rewrite(change);
            assertThatThrownBy(() -> Fixture.open(directory))
                    .as(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .isInstanceOfAny(StorageException.Corrupted.class, StorageException.Refused.class)
                    .hasMessageContaining("IDENTITY");
        }
    }

    @Test // DAMAGE-4
    void aHugeFileIsDamageAndIsNotReadIntoMemory() throws IOException {
        Fixture.closedStorage(directory, 3);
        try (var file = Files.newByteChannel(directory.resolve("IDENTITY"), StandardOpenOption.WRITE)) {
            file.position(1L << 40).write(ByteBuffer.allocate(1)); // sparse
        }
        assertThatThrownBy(() -> Fixture.open(directory))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("has 1099511627777 bytes");
    }

    @Test // DAMAGE-4
    void aDirectoryOrALinkInItsPlaceIsDamage() throws IOException {
        Fixture.closedStorage(directory, 3);
        Path file = directory.resolve("IDENTITY");
        Path moved = directory.resolve("moved");
        Files.move(file, moved);
        Files.createSymbolicLink(file, moved);
        assertThatThrownBy(() -> Fixture.open(directory)).isInstanceOf(StorageException.Corrupted.class);
        Files.delete(file);
        Files.createDirectory(file);
        assertThatThrownBy(() -> Fixture.open(directory)).isInstanceOf(StorageException.Corrupted.class);
    }

    @Test
    void anotherBackendIsRefusedWithTheCommandThatConverts() throws IOException {
        Fixture.closedStorage(directory, 3);
        Map<String, String> before = Fixture.contents(directory);
        assertThatThrownBy(() -> Fixture.open(new Request(directory, null, "rocksdb", true, true)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(
                        "written by backend 'files'",
                        "'rocksdb' is configured",
                        "mooring migrate --from " + directory + " --to NEW_DIRECTORY --backend rocksdb");
        assertThat(Fixture.contents(directory)).isEqualTo(before);
    }

    @Test
    void theCommandThatConvertsCanBePastedWhateverTheDirectoryIsCalled() throws IOException {
        Path odd = directory.resolve("Bob's data");
        Fixture.closedStorage(odd, 3);
        assertThatThrownBy(() -> Fixture.open(new Request(odd, null, "rocksdb", true, true)))
                .hasMessageContaining("--from '" + directory + "/Bob'\\''s data' --to NEW_DIRECTORY");
    }

    @Test
    void aDurableStorageIsNotOpenedAsAVolatileOneNorTheOtherWayRound() throws IOException {
        Fixture.closedStorage(directory, 3);
        assertThatThrownBy(() -> Fixture.open(new Request(directory, null, "files", true, false)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("was created durable, but as 'files' is configured now it is volatile");
        Path other = directory.resolveSibling(directory.getFileName() + "-other");
        Fixture.open(new Request(other, null, "files", true, false)).close();
        assertThatThrownBy(() -> Fixture.open(other))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("was created volatile");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Files", "1", "a\nformat=2"})
    void aNameThatCouldNotBeReadAgainIsNotWritten(String backend) {
        assertThatThrownBy(() -> new Identity(backend, "0.1.0", Instant.EPOCH, UUID.randomUUID(), null, true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Changes the lines and gives them a checksum that fits. */
    private void rewrite(UnaryOperator<String> change) throws IOException {
        Path file = directory.resolve("IDENTITY");
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        byte[] changed =
                change.apply(text.substring(0, text.indexOf("crc32c="))).getBytes(StandardCharsets.ISO_8859_1);
        CRC32C crc = new CRC32C();
        crc.update(changed);
        String line = String.format("crc32c=%08x\n", crc.getValue());
        Files.writeString(file, new String(changed, StandardCharsets.ISO_8859_1) + line, StandardCharsets.ISO_8859_1);
    }
}
