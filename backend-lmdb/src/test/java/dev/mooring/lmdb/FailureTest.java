// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.process.Child;
import dev.mooring.tck.process.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A write or a sync that the system fails: told at once, nothing written after it, nothing acknowledged lost. */
class FailureTest {

    private static final String CHANGES = "write,pwrite64,pwritev,fsync,fdatasync,ftruncate,rename,unlink";

    @TempDir
    Path directory;

    // LMDB writes pages and header with one call and syncs the pages with the other; the thirtieth is amid the saves
    @ParameterizedTest
    @ValueSource(strings = {"fdatasync", "pwrite64"})
    void isToldAndNothingIsWrittenAfterIt(String call) throws Exception { // FAULT-1, FAULT-2
        SystemCalls.assumeThatTheyCanBeSeen();
        Path data = Files.createDirectory(directory.resolve("data"));
        List<String> calls = SystemCalls.of(
                        new Child(),
                        CHANGES,
                        getClass(),
                        "savesUntilOneFails",
                        data,
                        "-e",
                        "inject=" + call + ":error=EIO:when=30+")
                .all();
        int failed = 0;
        while (!calls.get(failed).contains("INJECTED")) {
            failed++;
        }
        assertThat(calls.get(failed)).contains("data.mdb");
        boolean headerIsTriedAgain = call.equals("pwrite64"); // LMDB tries to put back the one before, which fails too
        assertThat(calls.subList(failed + 1, calls.size()))
                .filteredOn(later -> !(headerIsTriedAgain && later.contains("INJECTED")))
                .isEmpty();

        long saved = Long.parseLong(Files.readString(directory.resolve("saved")));
        try (StorageBackend again = Stores.open(data, Map.of(), saved, false)) {
            int held = Stores.read(again, "g", 0, Long.MAX_VALUE).size();
            assertThat(held).isBetween((int) (10 * saved), (int) (10 * saved + 10)); // the one that failed may be there
            again.saveEntries(saved + 2, List.of(Stores.run("g", held, 1, 500)));
            assertThat(Stores.read(again, "g", 0, Long.MAX_VALUE)).hasSize(held + 1);
        }
    }

    static void savesUntilOneFails(Path data) throws IOException {
        StorageBackend backend = Stores.open(data);
        long[] saved = {0};
        assertThatThrownBy(() -> {
                    while (saved[0] < 1000) {
                        backend.saveEntries(saved[0] + 1, List.of(Stores.run("g", 10 * saved[0], 10, 500)));
                        saved[0]++;
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Input/output error");
        assertThat(saved[0]).isPositive();
        assertThatThrownBy(() -> backend.saveEntries(saved[0] + 2, List.of(Stores.vote("g", 1, "n1"))))
                .isInstanceOf(StorageException.Failed.class);
        Files.writeString(data.resolveSibling("saved"), Long.toString(saved[0]));
        backend.close();
    }
}
