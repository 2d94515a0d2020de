// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import dev.mooring.tck.process.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reaches the disk, and in which order, as the system calls show it. */
class ForcedTest {

    private static final String CALLS = "openat,write,pwrite64,rename,ftruncate,unlink,fsync,fdatasync";
    private static final String SAVED = "saved-"; // the name of a file that is not there, looked for after each save

    @TempDir
    Path directory;

    private Path data;

    @BeforeEach
    void systemCallsCanBeSeen() throws Exception {
        SystemCalls.assumeThatTheyCanBeSeen();
        data = Files.createDirectory(directory.resolve("data"));
    }

    @Test
    void aSaveIsForcedBeforeItReturnsAndOnlyOnce() throws Exception { // CRASH-5
        SystemCalls calls = trace("savesTwenty");
        int from = calls.first(0, SAVED + 0);
        for (int i = 1; i <= 20; i++) {
            int written = calls.first(from, "write(", ".log>");
            int forced = calls.first(written, "fdatasync(", ".log>");
            int saved = calls.first(from, SAVED + i + "\"");
            assertThat(forced).isLessThan(saved);
            assertThat(calls.all().subList(from, saved))
                    .filteredOn(call -> call.contains("sync("))
                    .hasSize(1); // the directory was forced with the first change of all, at load
            from = saved;
        }
    }

    static void savesTwenty(Path data) throws IOException {
        try (StorageBackend backend = Stores.open(data)) {
            saved(data, 0);
            for (int i = 1; i <= 20; i++) {
                backend.saveEntries(i, List.of(Stores.run("g", i, 1, 100)));
                saved(data, i);
                backend.releaseLock("g", i - 1);
            }
        }
    }

    @Test
    void whatIsNeverSyncedIsForcedByClose() throws Exception { // CRASH-3
        List<String> calls = trace("neverSyncs").all();
        int last = 0;
        for (int i = 0; i < calls.size(); i++) {
            last = calls.get(i).contains("write(") && calls.get(i).contains(".log>") ? i : last;
        }
        assertThat(last).isPositive();
        assertThat(calls.subList(0, last)).noneMatch(call -> call.contains("sync(") && call.contains(".log>"));
        assertThat(calls.subList(last, calls.size()))
                .anyMatch(call -> call.contains("sync(") && call.contains(".log>"));
    }

    static void neverSyncs(Path data) throws IOException {
        try (StorageBackend backend = Stores.open(data, Map.of("sync", "never"), 0, true)) {
            backend.saveEntries(1, List.of(Stores.run("g", 1, 1, 100)));
        }
    }

    @Test
    void theEntryOfEveryNewFileIsForcedBeforeASaveInItReturns() throws Exception { // CRASH-5
        SystemCalls calls = trace("fillsFiles");
        TreeSet<String> logs = new TreeSet<>();
        TreeSet<String> sorted = new TreeSet<>();
        Pattern created =
                Pattern.compile("openat\\(.*\"" + Pattern.quote(data.toString()) + "/(\\d+\\.(log|sst))\".*O_CREAT");
        for (int i = 0; i < calls.all().size(); i++) {
            Matcher file = created.matcher(calls.all().get(i));
            if (!file.find()) {
                continue;
            }
            if (file.group(2).equals("log")) {
                logs.add(file.group(1));
                int forced = calls.first(calls.first(i, "fdatasync(", file.group(1)), "fsync(", data + ">)");
                assertThat(forced).isLessThan(calls.first(forced, SAVED));
                assertThat(calls.all().subList(i, forced)).noneMatch(call -> call.contains(SAVED));
            } else {
                int named = next(calls, i, "sync(", "MANIFEST");
                if (named >= 0) { // else close came before it was finished
                    sorted.add(file.group(1));
                    int forced = calls.first(calls.first(i, "sync(", file.group(1)), "fsync(", data + ">)");
                    assertThat(forced).isLessThan(named);
                }
            }
        }
        assertThat(logs).hasSizeGreaterThan(2);
        assertThat(sorted).isNotEmpty();
    }

    private static int next(SystemCalls calls, int from, String... parts) {
        for (int i = from; i < calls.all().size(); i++) {
            if (List.of(parts).stream().allMatch(calls.all().get(i)::contains)) {
                return i;
            }
        }
        return -1;
    }

    static void fillsFiles(Path data) throws IOException {
        try (StorageBackend backend = Stores.open(data, Stores.SMALL, 0, true)) {
            for (int i = 1; i <= 10; i++) { // too few for a compaction beside it
                backend.saveEntries(i, List.of(Stores.run("g", i, 1, 20_000)));
                saved(data, i);
            }
        }
    }

    @Test
    void everythingIsForcedAfterAnUncleanEndBeforeItIsRead() throws Exception { // CRASH-4
        crashed();
        List<Path> files = Stores.files(data, "");
        SystemCalls calls = trace("opensAfterAnUncleanEnd");
        int read = calls.first(0, "openat(", "/LOG\"", "O_CREAT"); // RocksDB begins
        for (Path file : files) {
            assertThat(calls.first(0, "fsync(", file + ">)")).isLessThan(read);
        }
        assertThat(calls.first(0, "fsync(", data + ">)")).isLessThan(read);
    }

    @Test
    void theLastSaveIsWrittenAgainBeforeItCounts() throws Exception { // CRASH-4
        crashed();
        SystemCalls calls = trace("opensAfterAnUncleanEnd");
        int written = calls.first(0, "write(", ".sst>", "a payload to be found");
        int forced = calls.first(written, "sync(", ".sst>");
        int named = calls.first(calls.first(forced, "fsync(", data + ">)"), "sync(", "MANIFEST");
        assertThat(named).isLessThan(calls.first(0, SAVED));
    }

    @Test
    void aTornTailIsCutOffDurablyBeforeAnythingIsWrittenBehindIt() throws Exception { // CRASH-2
        crashed();
        Path log = Stores.files(data, ".log").get(0);
        byte[] whole = Files.readAllBytes(log);
        whole[whole.length - 1] ^= 1;
        Files.write(log, whole);
        SystemCalls calls = trace("opensAfterAnUncleanEnd");
        int cut = calls.first(0, "ftruncate(", log.toString());
        int forced = calls.first(cut, "fsync(", log.toString());
        assertThat(calls.all().subList(cut + 1, forced)).isEmpty();
        assertThat(forced).isLessThan(calls.first(0, "write(", ".sst>"));
    }

    static void opensAfterAnUncleanEnd(Path data) throws IOException {
        try (StorageBackend backend = Stores.open(data, Map.of(), 0, false)) {
            saved(data, 0);
            assertThat(Stores.read(backend, "g", 1, 1)).hasSize(1);
        }
    }

    private void crashed() throws IOException {
        Path running = directory.resolve("running");
        try (StorageBackend backend = Stores.open(running)) {
            backend.saveEntries(1, List.of(Stores.entry("g", 1, "a payload to be found")));
            backend.saveEntries(2, List.of(Stores.vote("g", 1, "n1")));
            Stores.copy(running, data);
        }
    }

    /** Leaves a trace among the system calls. */
    private static void saved(Path data, int number) {
        try {
            Files.newInputStream(data.resolve(SAVED + number)).close();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(SAVED);
        }
    }

    private SystemCalls trace(String method) throws Exception {
        return SystemCalls.of(new Child(), CALLS, getClass(), method, data);
    }
}
