// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mooring.LogEntry;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading the native code, and what is said where that fails. */
class NativeCodeTest {

    @TempDir
    Path directory;

    @Test // READ-3
    void worksOnAThreadThatIsInterruptedAndKeepsItSo() throws Exception {
        Child.End end = new Child().run(getClass(), "opensInterrupted", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    @Test
    void saysEachTimeWhyItCanNotBeLoaded() throws Exception {
        Child.End end = new Child().with("-Dos.arch=sparc").run(getClass(), "isRefusedTwice", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    @Test
    void namesTheRemedyWhereTheTemporaryDirectoryForbidsExecution() throws Exception {
        Child.End end = withoutExecution().run(getClass(), "isRefusedWithTheRemedy", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    @Test
    void worksWhereThatRemedyIsTaken() throws Exception {
        Path libraries = Files.createDirectory(directory.resolve("libraries"));
        Child.End end = withoutExecution()
                .under("env", "ROCKSDB_SHAREDLIB_DIR=" + libraries)
                .run(getClass(), "savesAndReads", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    /** A child whose temporary directory forbids execution. */
    private Child withoutExecution() throws IOException, InterruptedException {
        Path temporary = Files.createDirectory(directory.resolve("noexec"));
        String mount = "mount -t tmpfs -o noexec none " + temporary; // seen by the child alone
        assumeTrue(
                new ProcessBuilder("unshare", "-Urm", "sh", "-c", mount).start().waitFor() == 0,
                "a child may not mount a file system of its own");
        return new Child()
                .under("unshare", "-Urm", "sh", "-c", mount + " && exec \"$@\"", "sh")
                .with("-Djava.io.tmpdir=" + temporary);
    }

    static void isRefusedWithTheRemedy(Path directory) {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> Stores.open(directory.resolve("data")))
                    .isInstanceOf(StorageException.Refused.class)
                    .hasMessageContainingAll(directory.resolve("noexec").toString(), "ROCKSDB_SHAREDLIB_DIR");
        }
    }

    static void savesAndReads(Path directory) throws IOException {
        try (StorageBackend backend = Stores.open(directory.resolve("data"))) {
            backend.saveEntries(1, List.of(Stores.run("g", 0, 20, 3000)));
            assertThat(Stores.read(backend, "g", 0, 19)).hasSize(20);
        }
    }

    static void isRefusedTwice(Path directory) {
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < 2; i++) { // RocksDB itself knows the reason only once
            assertThatThrownBy(() -> Stores.open(directory))
                    .isInstanceOf(StorageException.Refused.class)
                    .hasMessageContainingAll("sparc", "libstdc++", "'files'")
                    .hasMessageNotContaining("Exceeded timeout")
                    .satisfies(thrown -> messages.add(thrown.getMessage()));
        }
        assertThat(messages.get(1)).isEqualTo(messages.get(0));
    }

    static void opensInterrupted(Path directory) throws IOException {
        Thread.currentThread().interrupt();
        StorageConfig config = StorageConfig.of(Map.of(
                "mooring.backend",
                "rocksdb",
                "mooring.directory",
                directory.resolve("storage").toString()));
        try (RaftStorage storage = RaftStorage.open(config)) {
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            storage.group("g").saveEntries(new TermAndVote(1, "n"), List.of(LogEntry.of(1, 1, new byte[] {1})));
        }
        assertThat(Thread.interrupted()).isTrue();
        try (RaftStorage storage = RaftStorage.open(config)) {
            assertThat(storage.group("g").lastIndex()).isEqualTo(1);
        }
    }
}
