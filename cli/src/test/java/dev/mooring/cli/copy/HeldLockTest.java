// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldLockTest {

    @TempDir
    private Path source;

    /** LIFE-4: a reader of LOCK alone leaves the note of an earlier holder, whose number may be another's by now. */
    @Test
    void whoOnlyReadsIsNotTakenForTheHolderThatEnded() throws IOException {
        SampleStorage.fill(StorageConfig.of(Map.of("mooring.backend", "files")).withDirectory(source), 10);
        Path note = source.resolve("LOCK.holder");
        Files.writeString(note, Files.readString(note).replaceFirst("pid=\\d+", "pid=99999999"));
        try (HeldLock reading = HeldLock.ofSource(source)) {
            assertThat(reading.directory()).isEqualTo(source);
            assertThatThrownBy(() -> HeldLock.ofSource(source))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("a process that has not said who it is, such as 'mooring migrate'")
                    .hasMessageContaining("names process 99999999, which no longer runs here")
                    .hasMessageNotContaining("Stop that");
        }
    }

    /** LIFE-4: the storage keeps its lock, whatever the collector does with a handle that was refused. */
    @Test
    void whoIsRefusedDoesNotTakeTheLockFromTheHolder() throws IOException {
        StorageConfig config =
                StorageConfig.of(Map.of("mooring.backend", "files")).withDirectory(source);
        try (RaftStorage open = RaftStorage.open(config)) {
            assertThat(open.groups()).isEmpty();
            assertThatThrownBy(() -> HeldLock.ofSource(source)).isInstanceOf(UserError.class);
            for (int i = 0; i < 5; i++) {
                System.gc();
                assertThat(LockProbe.isLocked(source)).isTrue();
            }
        }
        assertThat(LockProbe.isLocked(source)).isFalse();
    }

    @Test
    void aServerInAnotherProcessIsKeptOutAndKeepsOut() throws Exception {
        RaftStorage.open(StorageConfig.of(Map.of("mooring.backend", "files")).withDirectory(source))
                .close();
        try (HeldLock reading = HeldLock.ofSource(source)) {
            assertThat(reading.directory()).isEqualTo(source);
            assertThat(LockProbe.isLocked(source)).isTrue();
        }
        try (LockProbe.Server server = LockProbe.Server.on(source)) {
            assertThatThrownBy(() -> HeldLock.ofSource(source))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining(source + " is open in")
                    .hasMessageContaining(Long.toString(server.pid()));
        }
    }
}
