// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import dev.mooring.tck.process.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk, a sync that fails, a failure in the background: told, nothing is lost, nothing is touched any more. */
class FailureTest {

    @TempDir
    Path directory;

    @Test
    void aFullDiskIsSaidToBeFullAndLosesNothing() throws Exception { // FAULT-3
        assumeTrue(
                new ProcessBuilder("unshare", "-Urm", "mount", "-t", "tmpfs", "none", directory.toString())
                                .start()
                                .waitFor()
                        == 0,
                "a child may not mount a file system of its own");
        String mountAndRun = "mount -t tmpfs -o size=8m none " + directory + " && exec \"$@\"";
        Child.End end = new Child()
                .under("unshare", "-Urm", "sh", "-c", mountAndRun, "sh")
                .run(getClass(), "fillsTheDisk", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void fillsTheDisk(Path disk) throws IOException {
        for (int payloadBytes : new int[] {100, 5_000, 300_000}) {
            Path filler = disk.resolve("filler");
            Files.write(filler, new byte[2 << 20]);
            Path data = disk.resolve("data-" + payloadBytes);
            StorageBackend backend = Stores.open(data);
            long saved = saveUntilItFails(backend, payloadBytes, "the disk is full");
            assertThat(Stores.read(backend, "g", 0, Long.MAX_VALUE)).hasSize((int) (10 * saved));
            backend.close();
            Files.delete(filler);
            goesOn(data, saved, payloadBytes);
            for (Path file : Stores.files(data, "")) {
                Files.delete(file);
            }
        }
    }

    @Test
    void aFailedSyncIsToldAndNothingIsWrittenAfterIt() throws Exception { // FAULT-1, FAULT-2
        SystemCalls.assumeThatTheyCanBeSeen();
        Path data = Files.createDirectory(directory.resolve("data"));
        List<String> calls = new ArrayList<>(SystemCalls.of(
                        new Child(),
                        "write,pwrite64,fsync,fdatasync,rename,unlink",
                        getClass(),
                        "savesUntilTheSyncFails",
                        data,
                        "-e",
                        "inject=fdatasync:error=EIO:when=41+")
                .all());
        calls.removeIf(call -> call.contains(data + "/LOG>")); // its messages
        int failed = 0;
        while (!calls.get(failed).contains("INJECTED")) {
            failed++;
        }
        assertThat(calls.get(failed)).contains(".log>");
        assertThat(calls.subList(failed + 1, calls.size())).isEmpty();
    }

    static void savesUntilTheSyncFails(Path data) throws IOException {
        StorageBackend backend = Stores.open(data);
        long saved = saveUntilItFails(backend, 500, "Input/output error");
        assertThat(saved).isPositive();
        backend.releaseLock("g", 5);
        backend.close();
    }

    @Test
    void aFailureInTheBackgroundIsToldByTheNextSavesAndNotOvercome() throws IOException { // FAULT-1, FAULT-2
        Path data = directory.resolve("data");
        StorageBackend backend = Stores.open(data, Stores.SMALL, 0, true);
        for (int number = 5; number < 200; number++) { // no sorted file can be created
            Path obstacle = data.resolve(String.format("%06d.sst", number));
            if (!Files.exists(obstacle)) {
                Files.createDirectory(obstacle);
            }
        }
        long saved = saveUntilItFails(backend, 1_000, data.toString());
        for (Path obstacle : Stores.files(data, ".sst")) {
            Files.delete(obstacle);
        }
        assertThatThrownBy(() -> backend.saveEntries(saved + 1, List.of(Stores.vote("h", 1, null))))
                .isInstanceOf(IOException.class);
        assertThat(Stores.read(backend, "g", 0, Long.MAX_VALUE)).hasSize((int) (10 * saved));
        backend.close();
        goesOn(data, saved, 1_000);
    }

    @Test
    void aFullDiskInTheBackgroundIsNotOvercomeOnceItWasTold() throws Exception { // FAULT-1, FAULT-2, FAULT-3
        SystemCalls.assumeThatTheyCanBeSeen();
        Path data = Files.createDirectory(directory.resolve("data"));
        // late enough for saves to wait for it
        List<String> tracing = new ArrayList<>(List.of("-e", "inject=write:delay_enter=2000000:error=ENOSPC:when=1"));
        for (int number = 5; number < 200; number++) { // for sorted files only, and only once
            tracing.addAll(List.of(
                    "-P", data.resolve(String.format("%06d.sst", number)).toString()));
        }
        SystemCalls calls =
                SystemCalls.of(new Child(), "write", getClass(), "waitsForSpace", data, tracing.toArray(String[]::new));
        assertThat(calls.all()).hasSize(1).first().asString().contains("INJECTED");
        goesOn(data, Stores.recovered(data, 0, repair -> {}).sequence(), 1_000);
    }

    static void waitsForSpace(Path data) throws Exception {
        StorageBackend backend = Stores.open(data, Stores.SMALL, 0, true);
        long saved = saveUntilItFails(backend, 1_000, "the disk is full");
        Map<String, String> left = Stores.contents(data);
        Thread.sleep(7_000); // every five seconds RocksDB looks whether there is space again
        assertThat(Stores.contents(data)).isEqualTo(left);
        assertThat(Stores.read(backend, "g", 0, Long.MAX_VALUE)).hasSize((int) (10 * saved));
        backend.close();
        assertThat(Stores.contents(data)).containsOnlyKeys(left.keySet());
    }

    private static long saveUntilItFails(StorageBackend backend, int payloadBytes, String message) {
        long[] saved = {0};
        assertThatThrownBy(() -> {
                    while (saved[0] < 1_000_000 / payloadBytes * 100) {
                        backend.saveEntries(saved[0] + 1, List.of(Stores.run("g", 10 * saved[0], 10, payloadBytes)));
                        saved[0]++;
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
        return saved[0];
    }

    private static void goesOn(Path data, long saved, int payloadBytes) throws IOException {
        try (StorageBackend again = Stores.open(data, Map.of(), saved, false)) {
            int held = Stores.read(again, "g", 0, Long.MAX_VALUE).size();
            assertThat(held).isBetween((int) (10 * saved), (int) (10 * saved + 10)); // the one that failed may be there
            again.saveEntries(saved + 2, List.of(Stores.run("g", held, 1, payloadBytes)));
            assertThat(Stores.read(again, "g", 0, Long.MAX_VALUE)).hasSize(held + 1);
        }
    }
}
