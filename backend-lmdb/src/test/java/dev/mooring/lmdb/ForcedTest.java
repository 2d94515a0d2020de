// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

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

    @TempDir
    Path directory;

    private Path data;

    @BeforeEach
    void systemCallsCanBeSeen() throws Exception {
        SystemCalls.assumeThatTheyCanBeSeen();
        data = Files.createDirectory(directory.resolve("data"));
    }

    @Test
    void theEntryOfANewFileIsForced() throws Exception { // CRASH-5
        SystemCalls calls = trace("createsAFile");
        int created = calls.first(0, "openat(", "data.mdb", "O_CREAT");
        int forced = calls.first(created, "fsync(", data + ">)");
        int saved = calls.first(created, "fdatasync(", "data.mdb");
        assertThat(forced).isBetween(created, saved);
    }

    static void createsAFile(Path data) throws IOException {
        try (StorageBackend backend = Stores.open(data)) {
            backend.saveEntries(1, List.of(Stores.vote("g", 1, "n1")));
        }
    }

    @Test
    void aHeaderIsWrittenSynchronouslyOnceThePagesThatItShowsAreForced() throws Exception { // CRASH-3
        SystemCalls calls = trace("createsAFile");
        int opened = calls.first(0, "openat(", "data.mdb", "O_DSYNC");
        String handle = calls.all().get(opened).replaceAll(".* = (\\d+)<.*", "$1");
        int saved = 0;
        for (int i = opened; i < calls.all().size(); i++) {
            if (calls.all().get(i).contains("pwrite64(" + handle + "<")) {
                assertThat(calls.all().get(i - 1)).as(calls.toString()).contains("fdatasync(", "data.mdb");
                saved++;
            }
        }
        assertThat(saved).as(calls.toString()).isEqualTo(2); // what load writes first, and the save
    }

    @Test
    void whatIsNeverSyncedIsForcedByClose() throws Exception { // CRASH-3
        SystemCalls calls = trace("neverSyncs");
        int last = 0;
        for (int i = 0; i < calls.all().size(); i++) {
            last = calls.all().get(i).contains("pwrite64(") ? i : last;
        }
        assertThat(calls.all().subList(0, last)).noneMatch(call -> call.contains("fdatasync("));
        assertThat(calls.first(last, "fdatasync(", "data.mdb")).isPositive();
    }

    static void neverSyncs(Path data) throws IOException {
        try (StorageBackend backend = Stores.open(data, Map.of("sync", "never"), 0, true)) {
            backend.saveEntries(1, List.of(Stores.vote("g", 1, "n1")));
        }
    }

    @Test
    void theFileIsExtendedAndForcedBeforeALargerMapIsUsed() throws Exception { // CRASH-3
        SystemCalls calls = trace("grows");
        int extended = calls.first(0, "pwrite64(", "data.mdb", ", 1, 524287)");
        int forced = calls.first(extended, "fsync(", "data.mdb");
        int mapped = calls.first(extended, "mmap(NULL, 524288", "data.mdb");
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
        SystemCalls calls = trace("opensAfterAnUncleanEnd");
        int everyFile = calls.first(0, "fsync(", "data.mdb");
        int theDirectory = calls.first(everyFile, "fsync(", data + ">)");
        int firstHeader = calls.first(theDirectory, "pwrite64(", "data.mdb", ", 0)");
        int secondHeader = calls.first(firstHeader, "pwrite64(", "data.mdb", ", 4096)");
        int forced = calls.first(secondHeader, "fsync(", "data.mdb");
        int mapped = calls.first(forced, "mmap(", "data.mdb");
        assertThat(mapped).isPositive();
    }

    static void opensAfterAnUncleanEnd(Path data) throws IOException {
        Stores.open(data, Map.of(), 0, false).close();
    }

    @Test
    void aDamagedHeaderIsKeptDurablyBeforeItIsReplaced() throws Exception { // DAMAGE-2
        createsAFile(data);
        byte[] damaged = Files.readAllBytes(data.resolve("data.mdb"));
        Arrays.fill(damaged, 24, 124, (byte) 0x5a);
        Files.write(data.resolve("data.mdb"), damaged);
        SystemCalls calls = trace("opensAfterAnUncleanEnd");
        int mended = calls.first(0, "pwrite64(", "data.mdb", ", 0)");
        int kept = calls.first(0, "pwrite64(", "header-0.replaced");
        int forced = calls.first(kept, "fsync(", "header-0.replaced");
        int theDirectory = calls.first(forced, "fsync(", data + ">)");
        assertThat(theDirectory).isLessThan(mended);
    }

    private SystemCalls trace(String method) throws IOException, InterruptedException {
        return SystemCalls.of(new Child(), "openat,pwrite64,fsync,fdatasync,mmap", getClass(), method, data);
    }
}
