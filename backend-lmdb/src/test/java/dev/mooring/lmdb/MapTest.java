// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The map: it grows, and nobody reads it while it moves or after it is gone. What goes wrong here kills the JVM. */
class MapTest {

    @TempDir
    Path directory;

    @Test
    void growsByItself() throws IOException {
        try (StorageBackend backend = Stores.open(directory)) {
            for (int i = 0; i < 40; i++) {
                backend.saveEntries(i + 1, List.of(Stores.run("g", 4L * i, 4, 50_000)));
            }
            backend.saveEntries(41, List.of(Stores.run("g", 160, 1, 30_000_000)));
            assertThat(Stores.read(backend, "g", 0, 200)).hasSize(161);
        }
        try (StorageBackend backend = Stores.open(directory)) {
            assertThat(Stores.read(backend, "g", 0, 200)).hasSize(161);
        }
    }

    @Test
    void theLimitIsNamedAndNothingIsLostAtIt() throws IOException { // FAULT-3
        Map<String, String> small = Map.of("file-bytes", "256KiB", "max-file-bytes", "1MiB");
        try (StorageBackend backend = Stores.open(directory, small, 0, true)) {
            backend.saveEntries(1, List.of(Stores.run("g", 0, 10, 10_000)));
            assertThatThrownBy(() -> backend.saveEntries(2, List.of(Stores.run("g", 10, 10, 200_000))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("max-file-bytes");
            assertThat(Stores.read(backend, "g", 0, 20)).hasSize(10);
        }
        assertThat(Files.size(directory.resolve("data.mdb"))).isLessThanOrEqualTo(1 << 20);
        try (StorageBackend backend = Stores.open(directory, Map.of(), 1, true)) {
            backend.saveEntries(2, List.of(Stores.run("g", 10, 10, 200_000)));
            assertThat(Stores.read(backend, "g", 0, 20)).hasSize(20);
        }
    }

    @Test
    void aNewFileIsNoLongerThanItsLimit() throws IOException {
        for (String limit : List.of("131072", "200001", "1048576", "16777216")) {
            Path data = directory.resolve(limit);
            try (StorageBackend backend = Stores.open(data, Map.of("max-file-bytes", limit), 0, true)) {
                backend.saveEntries(1, List.of(Stores.run("g", 0, 3, 5_000)));
                assertThat(Stores.read(backend, "g", 0, 9)).hasSize(3);
            }
            assertThat(Files.size(data.resolve("data.mdb"))).isLessThanOrEqualTo(Long.parseLong(limit));
        }
    }

    @Test
    void doesNotGrowUnderAReader() throws Exception {
        assertSurvives("growsWhileAReaderHoldsAnEntry");
    }

    @Test
    void isNotUnmappedUnderAReader() throws Exception { // LIFE-3
        assertSurvives("closesWhileAReaderHoldsAnEntry");
    }

    @Test
    void isNotUsedAfterClose() throws Exception {
        assertSurvives("usesAClosedBackend");
    }

    @Test
    void aMapThatCanNotBeMadeLargerIsToldAndNotUsed() throws Exception { // FAULT-2
        assumeTrue(
                new ProcessBuilder("sh", "-c", "prlimit --version").start().waitFor() == 0, "prlimit is not installed");
        assertSurvives("growsBeyondTheAddressSpace");
    }

    static void growsBeyondTheAddressSpace(Path directory) throws Exception {
        StorageBackend backend = Stores.open(directory);
        backend.saveEntries(1, List.of(Stores.run("g", 0, 3, 5_000)));
        Update large = Stores.run("g", 3, 100, 1_000_000);
        String status = Files.readString(Path.of("/proc/self/status"));
        long mappedKib = Long.parseLong(status.replaceAll("(?s).*VmSize:\\s*(\\d+) kB.*", "$1"));
        String limit = "--as=" + ((mappedKib << 10) + (64 << 20));
        String self = Long.toString(ProcessHandle.current().pid());
        assertThat(new ProcessBuilder("prlimit", "--pid", self, limit).start().waitFor())
                .isZero();
        assertThatThrownBy(() -> backend.saveEntries(2, List.of(large)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can not be mapped");
        assertThatThrownBy(() -> Stores.read(backend, "g", 0, 2)).isInstanceOf(StorageException.Failed.class);
        backend.close();
    }

    @Test
    void theLengthOfTheFileNeedNotBeOneOfAMap() throws IOException {
        Map<String, String> odd = Map.of("file-bytes", "200001");
        for (int i = 1; i <= 4; i++) {
            try (StorageBackend backend = Stores.open(directory, odd, i - 1, true)) {
                backend.saveEntries(i, List.of(Stores.run("g", i, 1, 5_000)));
            }
            Files.write(directory.resolve("data.mdb"), new byte[5], StandardOpenOption.APPEND);
        }
    }

    private void assertSurvives(String method) throws IOException, InterruptedException {
        Child.End end = new Child().run(getClass(), method, directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void growsWhileAReaderHoldsAnEntry(Path directory) throws Exception {
        StorageBackend backend = Stores.open(directory);
        backend.saveEntries(1, List.of(Stores.run("g", 0, 3, 5_000)));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Update large = Stores.run("g", 3, 20, 1_000_000);
        Thread writer = new Thread(() -> {
            try {
                backend.saveEntries(2, List.of(large));
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        holdWhile(backend, writer);
        assertThat(thrown.get()).isNull();
        assertThat(Stores.read(backend, "g", 0, 22)).hasSize(23);
        backend.close();
    }

    static void closesWhileAReaderHoldsAnEntry(Path directory) throws Exception {
        StorageBackend backend = Stores.open(directory);
        backend.saveEntries(1, List.of(Stores.run("g", 0, 3, 5_000)));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread closer = new Thread(() -> {
            try {
                backend.close();
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        holdWhile(backend, closer);
        assertThat(thrown.get()).isNull();
    }

    /** Starts the thread while an entry is held, looks at the entry once it waits or has ended, and then lets it go on. */
    private static void holdWhile(StorageBackend backend, Thread thread) throws Exception {
        backend.read("g", 0, 2, entry -> {
            if (entry.index() == 0) {
                thread.start();
                while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TERMINATED) {
                    Thread.onSpinWait();
                }
            }
            assertThat(Stores.intact("g", entry)).isTrue();
            return true;
        });
        thread.join();
    }

    static void usesAClosedBackend(Path directory) throws IOException {
        StorageBackend backend = Stores.open(directory);
        backend.saveEntries(1, List.of(Stores.run("g", 0, 3, 5_000)));
        backend.releaseLock("g", 1);
        backend.close();
        assertThatThrownBy(() -> Stores.read(backend, "g", 2, 2)).isInstanceOf(StorageException.Failed.class);
        assertThatThrownBy(() -> backend.saveEntries(2, List.of(Stores.vote("g", 1, "n1"))))
                .isInstanceOf(StorageException.Failed.class);
        assertThatThrownBy(() -> backend.drop(2, "g")).isInstanceOf(StorageException.Failed.class);
        backend.close();
    }
}
