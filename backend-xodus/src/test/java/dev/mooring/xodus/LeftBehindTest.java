// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageBackend;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
        // closing tells it to end, and does not wait for that
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!cleaners().isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(10);
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
    void nothingIsRegisteredForManagement() throws Exception {
        try (StorageBackend backend = Backends.open(directory)) {
            backend.saveEntries(1, List.of(Backends.vote("g", 1, null)));
            assertThat(ManagementFactory.getPlatformMBeanServer().queryNames(null, null))
                    .noneMatch(name -> name.toString().contains("exodus"));
        }
    }
}
