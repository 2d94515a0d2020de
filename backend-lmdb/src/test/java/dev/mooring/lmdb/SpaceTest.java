// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.GroupState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What releases and drops leave behind is used again. */
class SpaceTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path directory;

    private long sequence;

    @Test
    void theFileStaysBoundedWhenAsMuchIsReleasedAsSaved() throws IOException { // REL-3
        try (StorageBackend backend = Stores.open(directory)) {
            for (long index = 0; index < 4000; index += 10) { // 40 MB, at most 2 MB of them live
                save(backend, Stores.run("g", index, 10, 10_000));
                if (index % 100 == 90 && index > 200) {
                    backend.releaseLock("g", index - 100);
                }
            }
        }
        assertThat(fileBytes()).isLessThan(10 * MIB);
    }

    /** As the page about LMDB says: 1.4 bytes for each byte of such payloads. */
    @Test
    void smallEntriesInOrderTakeNotMuchMoreThanTheirPayload() throws IOException {
        try (StorageBackend backend = Stores.open(directory)) {
            for (long index = 0; index < 20_000; index += 100) {
                save(backend, Stores.run("g", index, 100, 100));
            }
        }
        assertThat(usedBytes()).isBetween(2_000_000L, 3_400_000L);
    }

    @Test
    void whatASecondGroupWritesTakesTheSpaceThatTheFirstReleased() throws IOException { // REL-3
        try (StorageBackend backend = Stores.open(directory)) {
            for (int round = 0; round < 10; round++) {
                String group = "g" + round % 2;
                long first = 1000L * round;
                for (int i = 0; i < 100; i++) {
                    save(backend, Stores.run(group, first + 2 * i, 2, 10_000));
                }
                backend.releaseLock(group, first + 199);
                save(backend, new Update(group, first + 1000, List.of(), null, null));
                long afterOne = first + 200;
                assertThat(Stores.read(backend, group, afterOne, afterOne)).isEmpty();
                backend.drop(++sequence, group);
            }
        }
        assertThat(fileBytes()).isLessThan(16 * MIB);
    }

    @Test
    void whatADropLeftBehindIsFoundAfterAReopen() throws IOException { // REL-3, GROUP-3
        try (StorageBackend backend = Stores.open(directory)) {
            save(backend, Stores.run("g", 0, 1000, 2000));
            save(backend, Stores.run("h", 0, 3, 2000));
            backend.drop(++sequence, "g");
        }
        long before = fileBytes();
        try (StorageBackend backend = Stores.open(directory)) {
            assertThat(Stores.read(backend, "g", 0, 1000)).isEmpty();
            for (int i = 0; i < 400; i++) {
                save(backend, Stores.run("h", 3 + 2 * i, 2, 2000));
            }
            assertThat(Stores.read(backend, "h", 0, 1000)).hasSize(803);
        }
        assertThat(fileBytes()).isEqualTo(before);
    }

    @Test
    void aReleaseIsKeptByAClose() throws IOException { // REL-5
        try (StorageBackend backend = Stores.open(directory)) {
            save(backend, Stores.run("g", 0, 1000, 200));
            backend.releaseLock("g", 800);
            assertThat(Stores.read(backend, "g", 800, 900)).isEmpty();
            assertThat(Stores.read(backend, "g", 801, 810)).hasSize(10);
        }
        Loaded loaded = reloaded();
        GroupState state = loaded.groups().get("g");
        assertThat(state.firstIndex()).isEqualTo(801);
        assertThat(state.lastIndex()).isEqualTo(999);
    }

    @Test
    void anEmptiedLogMayGoOnBelowWhatItHadReleased() throws IOException { // LOG-5
        try (StorageBackend backend = Stores.open(directory)) {
            save(backend, Stores.run("g", 0, 500, 200));
            backend.releaseLock("g", 399);
            save(backend, new Update("g", 400L, List.of(), null, null));
            save(backend, Stores.run("g", 100, 10, 300));
            for (int i = 0; i < 10; i++) {
                save(backend, Stores.vote("h", 1 + i, null)); // sweeps what was released
            }
            assertThat(Stores.read(backend, "g", 100, 600)).hasSize(10);
        }
        assertThat(reloaded().groups().get("g").firstIndex()).isEqualTo(100);
    }

    private void save(StorageBackend backend, Update update) throws IOException {
        backend.saveEntries(++sequence, List.of(update));
    }

    private Loaded reloaded() throws IOException {
        LmdbStorageProvider provider = new LmdbStorageProvider();
        try (StorageBackend backend = provider.open(Stores.context(directory, Map.of(), 0, true))) {
            return backend.load();
        }
    }

    /** Up to the last page that LMDB has ever used. */
    private long usedBytes() throws IOException {
        int lastPage = 136; // see Header
        try (StableFile file = StableFile.open(directory.resolve("data.mdb"), StandardOpenOption.READ)) {
            ByteBuffer headers = ByteBuffer.allocate(2 * 4096).order(ByteOrder.nativeOrder());
            file.readFully(headers, 0);
            return 4096 * (1 + Math.max(headers.getLong(lastPage), headers.getLong(4096 + lastPage)));
        }
    }

    private long fileBytes() throws IOException {
        return Files.size(directory.resolve("data.mdb"));
    }
}
