// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are missing, cut off, old or rotten. */
class DamageTest {

    private static final int CHANGES = 60;

    @TempDir
    Path directory;

    private Path old;
    private Path data;

    @BeforeEach
    void fill() throws IOException {
        Path running = directory.resolve("running");
        StorageBackend backend = Stores.open(running, Stores.SMALL, 0, true);
        for (int i = 1; i <= CHANGES; i++) {
            backend.saveEntries(i, List.of(Stores.run("g", 10 * i, 10, 1000)));
            if (i == CHANGES / 2) {
                backend.close();
                old = Stores.copy(running, directory.resolve("old"));
                backend = Stores.open(running, Stores.SMALL, i, true);
            }
        }
        backend.close();
        data = Stores.copy(running, directory.resolve("data"));
        assertThat(Stores.files(data, ".sst")).hasSizeGreaterThan(1);
        assertThat(Stores.files(data, ".log")).hasSizeGreaterThan(1); // so that an older one is missing, too
    }

    @Test
    void aMissingFileIsNeverAnEmptyLog() throws IOException { // DAMAGE-3
        for (Path file : Stores.files(data, "")) {
            String name = file.getFileName().toString();
            if (name.startsWith("LO") || name.startsWith("OPTIONS") || name.equals("IDENTITY")) {
                continue; // messages, lock and what RocksDB only writes
            }
            Path copy = Stores.copy(data, directory.resolve("without-" + name));
            Files.delete(copy.resolve(name));
            Map<String, String> before = Stores.contents(copy);
            for (boolean endedCleanly : new boolean[] {true, false}) {
                assertThatThrownBy(() -> Stores.open(copy, Map.of(), CHANGES, endedCleanly))
                        .as("without " + name)
                        .isInstanceOf(StorageException.Corrupted.class)
                        .hasMessageContaining(copy.toString());
            }
            assertThat(Stores.contents(copy)).as("without " + name).isEqualTo(before);
        }
    }

    @Test
    void aDirectoryThatLostEverythingIsNotBegunAnew() throws IOException { // DAMAGE-3
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertThatThrownBy(() -> Stores.open(empty, Map.of(), 1, true))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("missing");
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void oldFilesAreRefusedAndLeftAlone() throws IOException { // DAMAGE-2, DAMAGE-3
        Map<String, String> before = Stores.contents(old);
        assertThatThrownBy(() -> Stores.open(old, Map.of(), CHANGES, true))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContainingAll("ends at change " + CHANGES / 2, "change " + CHANGES + " was acknowledged");
        assertThat(Stores.contents(old)).isEqualTo(before);
        // and one by one, where a file of that name was there then
        for (Path file : Stores.files(old, "")) {
            String name = file.getFileName().toString();
            if (name.startsWith("LO") || !Files.exists(data.resolve(name))) {
                continue;
            }
            Path copy = Stores.copy(data, directory.resolve("with-old-" + name));
            Files.write(copy.resolve(name), Files.readAllBytes(file));
            assertWholeOrCorrupted(copy, "with old " + name);
        }
    }

    @Test
    void rotInASortedFileIsFoundWhenItIsRead() throws IOException { // DAMAGE-1
        int copies = 0;
        for (Path file : Stores.files(data, ".sst")) {
            byte[] bytes = Files.readAllBytes(file);
            for (int at = 40; at < bytes.length; at += bytes.length / 3) {
                byte[] rotten = bytes.clone();
                rotten[at] ^= 4;
                Path copy = copyWith(file.getFileName(), rotten, copies++);
                assertWholeOrCorrupted(copy, file.getFileName() + " with byte " + at + " changed");
            }
            byte[] zeroed = bytes.clone();
            Arrays.fill(zeroed, 0, 1024, (byte) 0);
            Path copy = copyWith(file.getFileName(), zeroed, copies++);
            assertThatThrownBy(() -> readAll(copy, true)).isInstanceOf(StorageException.Corrupted.class);
        }
    }

    private Path copyWith(Path name, byte[] bytes, int number) throws IOException {
        Path copy = Stores.copy(data, directory.resolve("copy-" + number));
        Files.write(copy.resolve(name), bytes);
        return copy;
    }

    @Test
    void rotInTheBooksIsFoundAtOpen() throws IOException { // DAMAGE-1, DAMAGE-4
        Path manifest = Path.of(Files.readString(data.resolve("CURRENT")).strip());
        byte[] bytes = Files.readAllBytes(data.resolve(manifest));
        int copies = 0;
        // most of all behind a checksum and a length: with some types of a record RocksDB would never come back
        for (int at = 6; at < bytes.length; at += at < bytes.length - 120 ? bytes.length / 20 : 1) {
            byte[] rotten = bytes.clone();
            rotten[at] ^= 4;
            assertWholeOrCorrupted(copyWith(manifest, rotten, copies++), "manifest with byte " + at + " changed");
        }
        Files.writeString(data.resolve("CURRENT"), "MANIFEST-000001\n");
        assertThatThrownBy(() -> readAll(data, true))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("CURRENT");
    }

    @Test
    void damageThatRocksDbNeverComesBackFromIsFoundBeforeItReads() throws IOException { // DAMAGE-4
        Path log = Stores.files(data, ".log").get(0);
        Path manifest = data.resolve(Files.readString(data.resolve("CURRENT")).strip());
        for (Path file : List.of(log, manifest)) {
            byte[] bytes = Files.readAllBytes(file);
            bytes[6] = 5; // the first record's type: only recycled files have this one
            Path copy = copyWith(file.getFileName(), bytes, file.equals(log) ? 0 : 1);
            for (boolean endedCleanly : new boolean[] {true, false}) {
                assertThatThrownBy(() -> readAll(copy, endedCleanly))
                        .isInstanceOf(StorageException.Corrupted.class)
                        .hasMessageContaining(file.getFileName() + " at offset 0");
            }
        }
    }

    private static void assertWholeOrCorrupted(Path copy, String what) throws IOException {
        for (boolean endedCleanly : new boolean[] {true, false}) { // the second time what is torn may be mended
            try {
                assertThat(readAll(copy, endedCleanly)).as(what).hasSize(10 * CHANGES);
            } catch (StorageException.Corrupted e) {
                assertThat(e).as(what).hasMessageContaining(copy.toString());
            }
        }
    }

    private static List<Long> readAll(Path copy, boolean endedCleanly) throws IOException {
        try (StorageBackend backend = Stores.open(copy, Stores.SMALL, CHANGES, endedCleanly)) {
            return Stores.read(backend, "g", 10, Long.MAX_VALUE);
        }
    }
}
