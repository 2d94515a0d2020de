// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import dev.mooring.tck.process.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
    void systemCallsCanBeSeen() throws Exception {
        SystemCalls.assumeThatTheyCanBeSeen();
        data = Files.createDirectory(directory.resolve("data"));
    }

    @Test
    void theEntryOfEveryNewFileIsForced() throws Exception { // CRASH-5
        SystemCalls calls = trace(new Child(), "fillsThreeFiles");
        int created = 0;
        for (String file : List.of(FIRST, SECOND, THIRD)) {
            created = calls.first(created, "openat(", file, "O_CREAT");
            int forced = calls.first(created, "fsync(", data + ">)");
            int written = calls.first(created, "pwrite64(", file);
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
        SystemCalls calls = trace(new Child(), "savesTwice");
        int payload = calls.first(0, "pwrite64(", FIRST, "a payload to be found");
        int pages = calls.first(payload, "fdatasync(", FIRST);
        int lastByte = calls.first(pages, "pwrite64(", FIRST, ", 1, ");
        int root = calls.first(lastByte, "fdatasync(", FIRST);
        assertThat(root).isLessThan(calls.first(0, "pwrite64(", FIRST, "another payload"));
        assertThat(calls.all().subList(pages + 1, lastByte))
                .as("between force and last byte")
                .isEmpty();
    }

    @Test
    void whatIsNeverSyncedIsForcedByClose() throws Exception { // CRASH-3
        List<String> calls = trace(new Child(), "neverSyncs").all();
        int last = 0;
        for (int i = 0; i < calls.size(); i++) {
            last = calls.get(i).contains("pwrite64(") && calls.get(i).contains(".xd>") ? i : last;
        }
        assertThat(last).isPositive();
        assertThat(calls.subList(last, calls.size())).anyMatch(call -> call.contains("sync(") && call.contains(".xd>"));
        int saved = 0;
        while (!calls.get(saved).contains("a payload to be found")) {
            saved++;
        }
        assertThat(calls.subList(saved, last)).noneMatch(call -> call.contains("sync(") && call.contains(".xd>"));
    }

    static void neverSyncs(Path data) throws IOException {
        try (StorageBackend backend = Backends.open(data, Map.of("sync", "never"), 0, true)) {
            backend.saveEntries(1, List.of(Backends.entry("g", 0, "a payload to be found")));
        }
    }

    @Test
    void aCloseForcesTheDirectoryFromWhichFilesWereDeleted() throws Exception { // REL-5
        List<String> calls = trace(new Child(), "savesTwice").all();
        assertThat(calls.get(calls.size() - 1)).contains("fsync(", data + ">)");
    }

    @Test
    void neitherSystemPropertiesNorTheirDefaultsDecideAboutSyncs() throws Exception { // CRASH-3
        SystemCalls calls = trace(
                new Child()
                        .with("-Dexodus.log.durableWrite=false")
                        .with("-Dexodus.env.isReadonly=true")
                        .with("-Dexodus.log.fileSize=64"),
                "savesTwice");
        int payload = calls.first(0, "pwrite64(", FIRST, "a payload to be found");
        int another = calls.first(payload, "pwrite64(", FIRST, "another payload");
        assertThat(calls.first(payload, "fdatasync(", FIRST)).isLessThan(another);
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
        SystemCalls calls = trace(new Child(), "opensAfterAnUncleanEnd");
        int firstFile = calls.first(0, "fsync(", FIRST);
        int theDirectory = calls.first(firstFile, "fsync(", data + ">)");
        int rewritten = calls.first(theDirectory, "pwrite64(", last, ", 0)");
        int forced = calls.first(rewritten, "fsync(", last);
        int again = calls.first(forced + 1, "fsync(", data + ">)"); // what recovery has cut off
        assertThat(again).isGreaterThan(forced);
    }

    static void opensAfterAnUncleanEnd(Path data) throws IOException {
        Backends.open(data, Map.of(), 0, false).close();
    }

    @Test
    void ofATornChangeTheNewestFileGoesFirst() throws Exception { // CRASH-2
        try (StorageBackend backend = Backends.open(directory.resolve("whole"))) {
            backend.saveEntries(1, List.of(Backends.run("g", 0, 1, 100)));
            backend.saveEntries(2, List.of(Backends.run("g", 1, 30, 20_000)));
            CleanerTest.copyFiles(directory.resolve("whole"), data);
        }
        Path last = data.resolve(THIRD);
        Files.write(last, Arrays.copyOf(Files.readAllBytes(last), (int) Files.size(last) - 1));
        SystemCalls calls = trace(new Child(), "opensAfterAnUncleanEnd");
        int third = calls.first(0, "unlink(", THIRD);
        int second = calls.first(calls.first(third, "fsync(", data + ">)"), "unlink(", SECOND);
        int first = calls.first(calls.first(second, "fsync(", data + ">)"), "ftruncate(", FIRST);
        assertThat(calls.first(first, "fsync(", FIRST)).isEqualTo(first + 1);
    }

    @Test
    void whatLiesBehindTheEndIsCutOffDurably() throws Exception { // CRASH-4
        Files.write(data.resolve(FIRST), new byte[100]);
        SystemCalls calls = trace(new Child(), "goesOnBeforeTheEnd");
        int cut = calls.first(0, "ftruncate(", FIRST, "60)");
        assertThat(calls.first(cut, "fsync(", FIRST)).isLessThan(calls.first(cut, "pwrite64(", FIRST));
    }

    static void goesOnBeforeTheEnd(Path data) {
        LogWriter writer = new LogWriter(data, LogFiles.all(data), true, true);
        writer.openOrCreateBlock(0, 60);
        writer.write(new byte[] {1, 2, 3}, 0, 3);
        writer.close();
    }

    private SystemCalls trace(Child child, String method) throws IOException, InterruptedException {
        return SystemCalls.of(
                child, "openat,write,pwrite64,fsync,fdatasync,ftruncate,unlink", getClass(), method, data);
    }
}
