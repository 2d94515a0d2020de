// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import dev.mooring.tck.process.Child;
import dev.mooring.tck.process.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full and a sync that fails: nothing is lost, and nothing is touched any more. */
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
        String mountAndRun = "mount -t tmpfs -o size=6m none " + directory + " && exec \"$@\"";
        assertEndsWell(new Child().under("unshare", "-Urm", "sh", "-c", mountAndRun, "sh"), "fillsTheDisk");
    }

    static void fillsTheDisk(Path disk) throws IOException {
        for (int payloadBytes : new int[] {100, 5_000, 300_000}) {
            Path filler = disk.resolve("filler");
            Files.write(filler, new byte[1 << 20]);
            Path data = disk.resolve("data-" + payloadBytes);
            StorageBackend backend = Backends.open(data);
            long saved = saveUntilItFails(backend, payloadBytes, "the disk is full");
            assertThat(Backends.read(backend, "g", 0, Long.MAX_VALUE)).hasSize((int) (10 * saved));
            Map<String, Long> before = lengths(data);
            assertThatThrownBy(() -> backend.saveEntries(saved + 1, List.of(Backends.vote("g", 1, null))))
                    .isInstanceOf(IOException.class);
            backend.close();
            assertThat(lengths(data)).isEqualTo(before); // FAULT-2: close writes nothing
            assertThatAnOpeningFailsAndLetsGo(Files.createDirectories(disk.resolve("new")));
            Files.delete(filler);
            goesOn(data, saved, payloadBytes);
            for (String name : lengths(data).keySet()) {
                Files.delete(data.resolve(name));
            }
        }
    }

    private static void assertThatAnOpeningFailsAndLetsGo(Path data) throws IOException {
        Path rest = data.resolveSibling("rest");
        try (var out = Files.newOutputStream(rest)) {
            assertThatThrownBy(() -> {
                        while (true) {
                            out.write(new byte[1 << 10]);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> Backends.open(data)).hasMessageContaining("the disk is full");
        assertThatNoHandleIsLeft(data);
        for (String name : lengths(data).keySet()) {
            Files.delete(data.resolve(name));
        }
        Files.delete(rest);
    }

    private static void assertThatNoHandleIsLeft(Path data) throws IOException {
        try (var handles = Files.list(Path.of("/proc/self/fd"))) {
            assertThat(handles.filter(handle -> pointsInto(data, handle))).isEmpty();
        }
    }

    private static boolean pointsInto(Path data, Path handle) {
        try {
            return Files.readSymbolicLink(handle).startsWith(data);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    @Test
    void aFailedSyncIsToldAndNothingIsWrittenAfterIt() throws Exception { // FAULT-1, FAULT-2
        SystemCalls.assumeThatTheyCanBeSeen();
        Path data = Files.createDirectory(directory.resolve("data"));
        List<String> calls = SystemCalls.of(
                        new Child(),
                        "write,pwrite64,fsync,fdatasync,ftruncate,unlink",
                        getClass(),
                        "savesUntilTheSyncFails",
                        data,
                        "-e",
                        "inject=fdatasync:error=EIO:when=41+")
                .all();
        int failed = 0;
        while (!calls.get(failed).contains("INJECTED")) {
            failed++;
        }
        assertThat(calls.subList(failed + 1, calls.size())).isEmpty();
    }

    static void savesUntilTheSyncFails(Path data) throws IOException {
        StorageBackend backend = Backends.open(data);
        long saved = saveUntilItFails(backend, 500, "Input/output error");
        assertThat(saved).isPositive();
        backend.close();
    }

    @Test
    void aFileThatTheCleanerCanNotDeleteStopsNothing() throws Exception { // REL-3, FAULT-1
        SystemCalls.assumeThatTheyCanBeSeen();
        Path data = Files.createDirectory(directory.resolve("data"));
        Path first = data.resolve("00000000000.xd");
        SystemCalls calls = SystemCalls.of(
                new Child(),
                "unlink",
                getClass(),
                "savesBesideTheCleaner",
                data,
                "-P",
                first.toString(),
                "-e",
                "inject=unlink:error=EACCES");
        assertThat(calls.first(0, "unlink(", "EACCES")).isNotNegative();
        assertThat(first).exists();
        try (StorageBackend backend = Backends.open(data)) { // now it can be deleted
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (Files.exists(first) && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            assertThat(first).doesNotExist();
            assertThat(Backends.read(backend, "g", 0, Long.MAX_VALUE)).containsExactly(0L, 1L);
        }
    }

    static void savesBesideTheCleaner(Path data) throws IOException, InterruptedException {
        long sequence = 0;
        try (StorageBackend backend = Backends.open(data)) {
            backend.saveEntries(++sequence, List.of(Backends.run("g", 0, 40, 50_000)));
            backend.saveEntries(++sequence, List.of(new Update("g", 0L, List.of(), null, null)));
        }
        try (StorageBackend backend = Backends.open(data)) {
            backend.saveEntries(++sequence, List.of(Backends.run("g", 0, 2, 100)));
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (LogFiles.list(data).size() > 4 && System.nanoTime() < deadline) {
                backend.saveEntries(++sequence, List.of(Backends.vote("g", sequence, null)));
                Thread.sleep(10);
            }
            assertThat(LogFiles.list(data)).hasSizeLessThanOrEqualTo(4);
            assertThat(Backends.read(backend, "g", 0, 9)).containsExactly(0L, 1L);
        }
        try (StorageBackend backend = Backends.open(data, Map.of(), sequence, true)) {
            backend.saveEntries(++sequence, List.of(Backends.vote("g", sequence, "n1")));
            assertThat(Backends.read(backend, "g", 0, 9)).containsExactly(0L, 1L);
        }
    }

    @Test
    void aCloseThatFailsLetsGoOfItsFile() throws Exception { // LIFE-3
        SystemCalls.assumeThatTheyCanBeSeen();
        Path data = Files.createDirectory(directory.resolve("data"));
        int syncs = SystemCalls.of(new Child(), "fdatasync", getClass(), "savesAndCloses", data)
                .all()
                .size();
        Path again = Files.createDirectory(directory.resolve("again"));
        String last = "inject=fdatasync:error=EIO:when=" + syncs;
        SystemCalls.of(new Child(), "fdatasync", getClass(), "closesInVain", again, "-e", last);
    }

    static void savesAndCloses(Path data) throws IOException {
        StorageBackend backend = Backends.open(data);
        backend.saveEntries(1, List.of(Backends.run("g", 5, 5, 500)));
        backend.close();
    }

    static void closesInVain(Path data) throws IOException {
        assertThatThrownBy(() -> savesAndCloses(data))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it can not be closed");
        assertThatNoHandleIsLeft(data);
    }

    @Test
    void afterAChangeThatFailedNothingTouchesTheDiskAnyMore() throws Exception { // FAULT-2
        SystemCalls.assumeThatTheyCanBeSeen();
        Path data = Files.createDirectory(directory.resolve("data"));
        SystemCalls calls = SystemCalls.of(
                new Child(),
                "mkdir,write,pwrite64,fsync,fdatasync,ftruncate,unlink",
                getClass(),
                "savesWhatXodusRefuses",
                data);
        int failed = calls.first(0, "mkdir(", "failed");
        assertThat(calls.all().subList(failed + 1, calls.all().size())).isEmpty();
    }

    static void savesWhatXodusRefuses(Path data) throws IOException {
        StorageBackend backend = Backends.open(data);
        backend.saveEntries(1, List.of(Backends.run("g", 5, 5, 500)));
        assertThatThrownBy(() -> backend.saveEntries(2, List.of(Backends.run("g", 5, 1, 500))))
                .isInstanceOf(IOException.class);
        assertThat(Backends.read(backend, "g", 5, 9)).hasSize(5);
        Files.createDirectory(data.resolve("failed"));
        backend.close();
    }

    private static long saveUntilItFails(StorageBackend backend, int payloadBytes, String message) {
        long[] saved = {0};
        assertThatThrownBy(() -> {
                    while (true) {
                        backend.saveEntries(saved[0] + 1, List.of(Backends.run("g", 10 * saved[0], 10, payloadBytes)));
                        saved[0]++;
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
        return saved[0];
    }

    private static void goesOn(Path data, long saved, int payloadBytes) throws IOException {
        try (StorageBackend again = Backends.open(data, Map.of(), saved, false)) {
            again.saveEntries(saved + 1, List.of(Backends.run("g", 10 * saved, 1, payloadBytes)));
            assertThat(Backends.read(again, "g", 0, Long.MAX_VALUE)).hasSize((int) (10 * saved + 1));
        }
    }

    private static Map<String, Long> lengths(Path data) throws IOException {
        Map<String, Long> lengths = new TreeMap<>();
        try (var files = Files.list(data)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                lengths.put(file.getFileName().toString(), Files.size(file));
            }
        }
        return lengths;
    }

    private void assertEndsWell(Child child, String method) throws IOException, InterruptedException {
        Child.End end = child.run(getClass(), method, directory);
        assertThat(end.status()).as(end.output()).isZero();
    }
}
