// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Xodus shares between the environments of a process by default, and a storage here has to itself. */
class LeftBehindTest {

    @TempDir
    Path directory;

    @Test
    void theCleanerIsItsOwnAndEndsWithIt() throws Exception { // LIFE-3
        try (StorageBackend backend = Backends.open(directory)) {
            backend.saveEntries(1, List.of(Backends.vote("g", 1, null)));
            assertThat(cleaners()).hasSize(1);
        }
        assertThat(cleaners()).isEmpty();
    }

    private List<String> cleaners() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains("background cleaner"))
                .filter(name -> name.contains(directory.getFileName().toString()) || name.contains("shared"))
                .toList();
    }

    @Test
    void ofAllThreadsOnlyThoseOfTheProcessStay() throws Exception { // LIFE-3
        Child.End end = new Child().run(getClass(), "opensFiveDirectories", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void opensFiveDirectories(Path directory) throws IOException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        for (int i = 0; i < 5; i++) {
            try (StorageBackend backend = Backends.open(Files.createDirectory(directory.resolve("data-" + i)))) {
                backend.saveEntries(1, List.of(Backends.vote("g", 1, null)));
            }
        }
        Set<Thread> left = new HashSet<>(Thread.getAllStackTraces().keySet());
        left.removeAll(before);
        left.removeIf(thread -> !thread.isAlive());
        assertThat(left)
                .extracting(Thread::getName)
                .isSubsetOf(
                        "threadJobProcessorPoolSpawner",
                        "Exodus shared deferred I/O job processor",
                        "Exodus shared timer thread");
    }

    @Test
    void theCacheGoesWithIt() throws Exception { // LIFE-3
        Child.End end = new Child().with("-Xmx64m").run(getClass(), "fillsManyCaches", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    /** Each has about 20 MiB in its cache when it is closed: three of them would not fit. */
    static void fillsManyCaches(Path directory) throws IOException {
        Map<String, String> options = Map.of("file-bytes", "1MiB", "cache-bytes", "32MiB");
        for (int round = 0; round < 10; round++) {
            try (StorageBackend backend = Backends.open(directory, options, 0, true)) {
                if (round == 0) {
                    for (int save = 0; save < 20; save++) {
                        backend.saveEntries(save + 1, List.of(Backends.run("g", 20L * save, 20, 50_000)));
                    }
                }
                assertThat(Backends.read(backend, "g", 0, 399)).hasSize(400);
            }
        }
    }

    @Test
    void nothingIsRegisteredForManagement() throws Exception {
        try (StorageBackend backend = Backends.open(directory)) {
            backend.saveEntries(1, List.of(Backends.vote("g", 1, null)));
            assertThat(ManagementFactory.getPlatformMBeanServer().queryNames(null, null))
                    .noneMatch(name -> name.toString().contains("exodus"));
        }
    }
}
