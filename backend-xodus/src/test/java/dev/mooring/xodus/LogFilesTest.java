// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import dev.mooring.spi.ordered.OrderedBackend;
import dev.mooring.spi.ordered.OrderedReads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a fixed length: what does not fit into one, what happens when the option changes, and that they go away. */
class LogFilesTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path directory;

    private long sequence;

    @Test
    void aPayloadMayBeLargerThanAFile() throws IOException { // LOG-4
        try (StorageBackend backend = Backends.open(directory)) {
            save(backend, Backends.run("g", 0, 1, 3_000_000));
            save(backend, Backends.run("g", 1, 3, 300_000));
            save(backend, new Update("g", 2L, Backends.run("g", 2, 1, 1_000_000).entries(), null, null));
            assertThat(Backends.read(backend, "g", 0, 10)).containsExactly(0L, 1L, 2L);
        }
        try (StorageBackend backend = Backends.open(directory)) {
            assertThat(Backends.read(backend, "g", 0, 10)).containsExactly(0L, 1L, 2L);
            backend.releaseLock("g", 1);
            save(backend, Backends.run("g", 3, 1, 10));
            assertThat(Backends.read(backend, "g", 2, 10)).containsExactly(2L, 3L);
        }
    }

    @Test
    void theFileLengthOfAStorageStays() throws IOException {
        try (StorageBackend backend = Backends.open(directory)) {
            save(backend, Backends.run("g", 0, 10, 100_000));
        }
        for (String other : List.of("64MiB", "320KiB")) {
            try (StorageBackend backend = Backends.open(directory, Map.of("file-bytes", other), sequence, true)) {
                save(backend, Backends.run("g", 10 * sequence, 10, 100_000));
            }
        }
        try (StorageBackend backend = Backends.open(directory)) {
            assertThat(Backends.read(backend, "g", 0, 100)).hasSize(30);
        }
    }

    @Test
    void anyFileLengthWithinItsBoundsWillDo() throws IOException {
        try (StorageBackend backend = Backends.open(directory, Map.of("file-bytes", "300001"), 0, true)) {
            save(backend, Backends.run("g", 0, 10, 100_000));
            assertThat(Backends.read(backend, "g", 0, 100)).hasSize(10);
        }
    }

    @Test
    void diskUseStaysBoundedWhenAsMuchIsReleasedAsSaved() throws IOException { // REL-3
        try (StorageBackend backend = Backends.open(directory)) {
            long index = 0;
            for (; index < 6000; index += 10) { // 60 MB, at most 2 MB of them live
                save(backend, Backends.run("g", index, 10, 10_000));
                if (index % 100 == 90 && index > 200) {
                    backend.releaseLock("g", index - 100);
                }
            }
            // the cleaner works beside us; it is given a minute for what it needs seconds for
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (diskBytes() > 12 * MIB && System.nanoTime() < deadline) {
                save(backend, Backends.vote("h", sequence, null));
            }
            assertThat(diskBytes()).isLessThan(12 * MIB);
            assertThat(Backends.read(backend, "g", 5900, 6000)).hasSize(100);
        }
        try (StorageBackend backend = Backends.open(directory)) {
            assertThat(Backends.read(backend, "g", 5900, 6000)).hasSize(100);
        }
    }

    @Test
    void anEmptiedLogMayGoOnBelowWhatItHadReleased() throws IOException { // LOG-5
        try (StorageBackend backend = Backends.open(directory)) {
            save(backend, Backends.run("g", 0, 500, 200));
            backend.releaseLock("g", 499);
            save(backend, Backends.run("g", 100, 10, 300));
            for (int i = 0; i < 10; i++) {
                save(backend, Backends.vote("h", 1 + i, null)); // deletes what was released
            }
            assertThat(Backends.read(backend, "g", 100, 600)).hasSize(10);
        }
    }

    @Test
    void whenTheWholeLogGoesWhatItHadReleasedGoesWithIt() throws IOException { // LOG-3, REL-1
        BackendContext context = Backends.context(directory, Map.of(), 0, true);
        OpenEnvironment engine = OpenEnvironment.open(context);
        try (StorageBackend backend = new OrderedBackend(context, engine)) {
            backend.load();
            save(backend, Backends.run("g", 0, 500, 200));
            save(backend, Backends.run("h", 0, 5, 200));
            backend.releaseLock("g", 399);
            save(backend, new Update("g", 400L, List.of(), null, null));
            assertThat(entriesOf(engine)).containsExactly(2);
            save(backend, Backends.run("g", 400, 500, 200));
            backend.releaseLock("g", 599);
            SnapshotPointer snapshot = new SnapshotPointer(1000, 1, true, 1);
            backend.saveSnapshot(++sequence, new Update("g", 0L, List.of(), null, null), snapshot);
            assertThat(entriesOf(engine)).containsExactly(2);
            save(backend, Backends.run("g", 1001, 3, 200));
            assertThat(Backends.read(backend, "g", 1001, 2000)).hasSize(3);
            assertThat(Backends.read(backend, "h", 0, 9)).hasSize(5);
        }
        try (StorageBackend backend = Backends.open(directory)) {
            assertThat(Backends.read(backend, "g", 1001, 2000)).hasSize(3);
        }
    }

    private static int[] entriesOf(OpenEnvironment engine) throws IOException {
        return engine.read("groups", OrderedReads::groupsWithEntries);
    }

    @Test
    void aReleaseIsKeptByACloseAndDeletedAfterTheNextOpening() throws IOException { // REL-5
        try (StorageBackend backend = Backends.open(directory)) {
            save(backend, Backends.run("g", 0, 1000, 200));
            backend.releaseLock("g", 800);
            assertThat(Backends.read(backend, "g", 800, 900)).isEmpty();
        }
        try (StorageBackend backend = Backends.open(directory)) {
            assertThat(Backends.read(backend, "g", 800, 900)).isEmpty();
            for (int i = 0; i < 20; i++) {
                save(backend, Backends.run("g", 1000 + i, 1, 200));
            }
            assertThat(Backends.read(backend, "g", 801, 2000)).hasSize(219);
        }
    }

    private void save(StorageBackend backend, Update update) throws IOException {
        backend.saveEntries(++sequence, List.of(update));
    }

    private long diskBytes() throws IOException {
        long bytes = 0;
        try (var files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                try {
                    bytes += Files.size(file);
                } catch (NoSuchFileException e) {
                    // the cleaner was faster
                }
            }
        }
        return bytes;
    }
}
