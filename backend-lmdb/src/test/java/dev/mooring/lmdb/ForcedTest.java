// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.spi.StorageBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reaches the disk, and in which order, as the system calls show it. */
class ForcedTest {

    @TempDir
    Path directory;

    private Path data;

    @BeforeEach
    void straceIsInstalled() throws Exception {
        data = Files.createDirectory(directory.resolve("data"));
        assumeTrue(
                new ProcessBuilder("sh", "-c", "strace -o /dev/null true")
                                .start()
                                .waitFor()
                        == 0,
                "strace is not installed, or may not trace");
    }

    @Test
    void theEntryOfANewFileIsForced() throws Exception { // CRASH-5
        List<String> calls = trace("createsAFile");
        int created = first(calls, 0, "openat(", "data.mdb", "O_CREAT");
        int forced = first(calls, created, "fsync(", data + ">)");
        int saved = first(calls, created, "fdatasync(", "data.mdb");
        assertThat(forced).isBetween(created, saved);
    }

    static void createsAFile(Path data) throws IOException {
        try (StorageBackend backend = Stores.open(data)) {
            backend.saveEntries(1, List.of(Stores.vote("g", 1, "n1")));
        }
    }

    @Test
    void theFileIsExtendedAndForcedBeforeALargerMapIsUsed() throws Exception { // CRASH-3
        List<String> calls = trace("grows");
        int extended = first(calls, 0, "pwrite64(", "data.mdb", ", 1, 524287)");
        int forced = first(calls, extended, "fsync(", "data.mdb");
        int mapped = first(calls, extended, "mmap(NULL, 524288", "data.mdb");
        assertThat(extended).isLessThan(forced);
        assertThat(forced).isLessThan(mapped);
    }

    static void grows(Path data) throws IOException {
        try (StorageBackend backend = Stores.open(data)) {
            backend.saveEntries(1, List.of(Stores.run("g", 0, 3, 60_000)));
            backend.saveEntries(2, List.of(Stores.run("g", 3, 3, 30_000)));
        }
    }

    @Test
    void everythingIsForcedAndTheHeadersRewrittenAfterAnUncleanEnd() throws Exception { // CRASH-4
        createsAFile(data);
        List<String> calls = trace("opensAfterAnUncleanEnd");
        int everyFile = first(calls, 0, "fsync(", "data.mdb");
        int theDirectory = first(calls, everyFile, "fsync(", data + ">)");
        int firstHeader = first(calls, theDirectory, "pwrite64(", "data.mdb", ", 0)");
        int secondHeader = first(calls, firstHeader, "pwrite64(", "data.mdb", ", 4096)");
        int forced = first(calls, secondHeader, "fsync(", "data.mdb");
        int mapped = first(calls, forced, "mmap(", "data.mdb");
        assertThat(mapped).isPositive();
    }

    static void opensAfterAnUncleanEnd(Path data) throws IOException {
        Stores.open(data, Map.of(), 0, false).close();
    }

    private List<String> trace(String method) throws IOException, InterruptedException {
        Path trace = directory.resolve("trace.txt");
        Child.End end = new Child()
                .under("strace", "-f", "-y", "--seccomp-bpf", "-o", trace.toString())
                .under("-e", "trace=openat,pwrite64,fsync,fdatasync,mmap")
                .run(getClass(), method, data);
        assertThat(end.status()).as(end.output()).isZero();
        return Files.readAllLines(trace).stream()
                .filter(line -> line.contains(data.toString()))
                .toList();
    }

    /** Number of the first line from this one on that contains all of these. */
    private static int first(List<String> calls, int from, String... parts) {
        int found = IntStream.range(from, calls.size())
                .filter(i -> List.of(parts).stream().allMatch(calls.get(i)::contains))
                .findFirst()
                .orElse(-1);
        assertThat(found)
                .as(List.of(parts) + " from line " + from + " on in\n" + String.join("\n", calls))
                .isNotNegative();
        return found;
    }
}
