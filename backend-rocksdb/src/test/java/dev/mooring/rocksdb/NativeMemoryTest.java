// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening and closing leaves neither native memory nor RocksDB's messages behind. */
class NativeMemoryTest {

    private static final Path STATUS = Path.of("/proc/self/status");

    @TempDir
    Path directory;

    @Test
    void fiveHundredOpeningsTakeNoMoreMemoryThanAHundred() throws Exception { // LIFE-3
        staysSmall("opensFiveHundredTimes");
    }

    @Test
    void savesAndReadsLeaveNothingBehind() throws Exception {
        staysSmall("savesAndReadsForLong");
    }

    private void staysSmall(String method) throws Exception {
        assumeTrue(Files.isReadable(STATUS), "this system does not say how much memory a process has");
        Child.End end = new Child()
                .under("env", "MALLOC_ARENA_MAX=1") // or what is free in one arena looks like a leak in the next
                .with("-Xmx32m")
                .with("-Xms32m")
                .with("-XX:+AlwaysPreTouch")
                .with("-XX:+UseSerialGC")
                .with("-XX:ReservedCodeCacheSize=32m")
                .run(getClass(), method, directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void opensFiveHundredTimes(Path data) throws IOException {
        long settled = 0;
        for (int i = 1; i <= 500; i++) {
            try (StorageBackend backend = Stores.open(data, Map.of(), i - 1, i % 50 != 0)) {
                backend.saveEntries(i, List.of(Stores.run("g", i, 1, 1_000)));
                assertThat(Stores.read(backend, "g", i, i)).hasSize(1);
            }
            if (i == 100) {
                settled = residentKib();
            }
        }
        // about 2.6 MiB; 12.7 MiB if only the options and filters of each opening are never freed
        assertThat(residentKib() - settled).isLessThan(9 << 10);
        List<Path> messages = Stores.files(data, "").stream()
                .filter(file -> file.getFileName().toString().startsWith("LOG"))
                .toList();
        assertThat(messages).hasSizeLessThanOrEqualTo(6);
        for (Path file : messages) {
            assertThat(Files.size(file)).isLessThan(1 << 20);
        }
    }

    static void savesAndReadsForLong(Path data) throws IOException {
        Map<String, String> options = Map.of("write-buffer-bytes", "64KiB", "sync", "never");
        long settled = 0;
        try (StorageBackend backend = Stores.open(data, options, 0, true)) {
            for (int i = 1; i <= 30_000; i++) {
                backend.saveEntries(i, List.of(Stores.run("g", i, 1, 100)));
                assertThat(Stores.read(backend, "g", i, i)).hasSize(1);
                if (i % 500 == 0) {
                    backend.releaseLock("g", i - 100);
                }
                if (i == 10_000) {
                    settled = residentKib();
                }
            }
            // a batch that is never freed takes 1.5 KiB, the options of a read not much less: 30 MiB
            assertThat(residentKib() - settled).isLessThan(16 << 10);
        }
    }

    private static long residentKib() throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException(STATUS + " has no VmRSS");
    }
}
