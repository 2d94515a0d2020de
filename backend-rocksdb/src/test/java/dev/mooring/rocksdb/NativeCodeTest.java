// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.LogEntry;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading the native code. */
class NativeCodeTest {

    @TempDir
    Path directory;

    @Test // READ-3
    void worksOnAThreadThatIsInterruptedAndKeepsItSo() throws Exception {
        Child.End end = new Child().run(getClass(), "opensInterrupted", directory);
        assertThat(end.status()).as(end.output()).isZero();
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
