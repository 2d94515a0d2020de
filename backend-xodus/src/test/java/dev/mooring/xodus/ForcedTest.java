// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

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

    private static final String FIRST = "00000000000.xd";
    private static final String SECOND = "00000000080.xd"; // 256 blocks of 1 KiB, in base 32
    private static final String THIRD = "000000000g0.xd";

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
    void theEntryOfEveryNewFileIsForced() throws Exception { // CRASH-5
        List<String> calls = trace(new Child(), "fillsThreeFiles");
        int created = 0;
        for (String file : List.of(FIRST, SECOND, THIRD)) {
            created = first(calls, created, "openat(", file, "O_CREAT");
            int forced = first(calls, created, "fsync(", data + ">)");
            int written = first(calls, created, "pwrite64(", file);
            assertThat(forced).isBetween(created, written);
        }
    }

    static void fillsThreeFiles(Path data) throws IOException {
        try (StorageBackend backend = Backends.open(data)) {
            for (int i = 0; i < 16; i++) {
                backend.saveEntries(i + 1, List.of(Backends.run("g", 2L * i, 2, 20_000)));
            }
        }
    }

    @Test
    void theLastByteOfAChangeIsWrittenWhenAllBeforeItIsDurable() throws Exception { // CRASH-3
        List<String> calls = trace(new Child(), "savesTwice");
        int payload = first(calls, 0, "pwrite64(", FIRST, "a payload to be found");
        int pages = first(calls, payload, "fdatasync(", FIRST);
        int lastByte = first(calls, pages, "pwrite64(", FIRST, ", 1, ");
        int root = first(calls, lastByte, "fdatasync(", FIRST);
        assertThat(root).isLessThan(first(calls, 0, "pwrite64(", FIRST, "another payload"));
        assertThat(calls.subList(pages + 1, lastByte))
                .as("between force and last byte")
                .isEmpty();
    }

    @Test
    void neitherSystemPropertiesNorTheirDefaultsDecideAboutSyncs() throws Exception { // CRASH-3
        List<String> calls = trace(
                new Child()
                        .with("-Dexodus.log.durableWrite=false")
                        .with("-Dexodus.env.isReadonly=true")
                        .with("-Dexodus.log.fileSize=64"),
                "savesTwice");
        int payload = first(calls, 0, "pwrite64(", FIRST, "a payload to be found");
        int another = first(calls, payload, "pwrite64(", FIRST, "another payload");
        assertThat(first(calls, payload, "fdatasync(", FIRST)).isLessThan(another);
    }

    static void savesTwice(Path data) throws IOException {
        try (StorageBackend backend = Backends.open(data)) {
            backend.saveEntries(1, List.of(Backends.entry("g", 0, "a payload to be found")));
            backend.saveEntries(2, List.of(Backends.entry("g", 1, "another payload")));
        }
    }

    @Test
    void everythingIsForcedAndTheLastFileRewrittenAfterAnUncleanEnd() throws Exception { // CRASH-4
        fillsThreeFiles(data);
        List<Path> files;
        try (var listed = Files.list(data)) {
            files = listed.filter(file -> file.toString().endsWith(".xd"))
                    .sorted()
                    .toList();
        }
        String last = files.get(files.size() - 1).getFileName().toString();
        List<String> calls = trace(new Child(), "opensAfterAnUncleanEnd");
        int firstFile = first(calls, 0, "fsync(", FIRST);
        int theDirectory = first(calls, firstFile, "fsync(", data + ">)");
        int rewritten = first(calls, theDirectory, "pwrite64(", last, ", 0)");
        int forced = first(calls, rewritten, "fsync(", last);
        int again = first(calls, forced + 1, "fsync(", data + ">)"); // what recovery has cut off
        assertThat(again).isGreaterThan(forced);
    }

    static void opensAfterAnUncleanEnd(Path data) throws IOException {
        Backends.open(data, Map.of(), 0, false).close();
    }

    private List<String> trace(Child child, String method) throws IOException, InterruptedException {
        Path trace = directory.resolve("trace.txt");
        Child.End end = child.under("strace", "-f", "-y", "--seccomp-bpf", "-s", "100000", "-o", trace.toString())
                .under("-e", "trace=openat,pwrite64,fsync,fdatasync")
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
                .as(List.of(parts) + " from line " + from + " on in\n" + shortened(calls))
                .isNotNegative();
        return found;
    }

    private static String shortened(List<String> calls) {
        return String.join(
                "\n",
                calls.stream()
                        .map(call -> call.length() < 300
                                ? call
                                : call.substring(0, 100) + " ... " + call.substring(call.length() - 100))
                        .toList());
    }
}
