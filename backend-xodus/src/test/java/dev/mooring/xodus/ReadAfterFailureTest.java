// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Fault;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What was acknowledged can be read after a write that failed, wherever that was: also while the first piece of a change
 * filled a page of Xodus' log, of which Xodus then forgets that the rest of it is on the disk.
 */
class ReadAfterFailureTest {

    private static final int CHANGES = 30;
    private static final int PAGE_BYTES = 1 << 16;
    private static final int FIRST_BYTES = 60_000;

    @ParameterizedTest
    @ValueSource(ints = {400, 1_700, 9_000, 70_000})
    void whatWasAcknowledgedIsReadAfterEveryWriteThatFails(int payloadBytes) throws IOException { // FAULT-2
        int writes = 0;
        while (failsAt(writes + 1, payloadBytes, Map.of("file-bytes", "256KiB"))) {
            writes++;
        }
        assertThat(writes).isGreaterThan(CHANGES);
    }

    @Test
    void whereTheFirstPieceOfAChangeFillsAPage() throws IOException { // FAULT-2
        long length = lengthOfLog(FIRST_BYTES);
        for (int left = 0; left < 100; left++) {
            for (String sync : List.of("always", "never")) {
                assertThatTheFirstChangeIsRead(FIRST_BYTES + (int) (PAGE_BYTES - left - length), sync);
            }
        }
    }

    private static long lengthOfLog(int payloadBytes) throws IOException {
        Path data = SimulatedDisk.create(1, DiskModel.JOURNALLED).root().resolve("data");
        try (StorageBackend backend = Backends.open(data)) {
            backend.saveEntries(1, List.of(Backends.run("g", 0, 1, payloadBytes)));
            return Files.size(LogFiles.list(data).get(0));
        }
    }

    private static void assertThatTheFirstChangeIsRead(int payloadBytes, String sync) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(payloadBytes, DiskModel.JOURNALLED);
        Map<String, String> options = Map.of("file-bytes", "256KiB", "sync", sync);
        try (StorageBackend backend = Backends.open(disk.root().resolve("data"), options, 0, true)) {
            backend.saveEntries(1, List.of(Backends.run("g", 0, 1, payloadBytes)));
            disk.inject(Fault.once(Operation.WRITE, 1, Failure.EIO));
            assertThatThrownBy(() -> backend.saveEntries(2, List.of(Backends.run("g", 1, 1, 100))))
                    .isInstanceOf(IOException.class);
            assertThat(Backends.read(backend, "g", 0, 9)).containsExactly(0L);
        }
    }

    /** Whether so many writes were made at all. */
    private static boolean failsAt(int write, int payloadBytes, Map<String, String> options) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(write, DiskModel.JOURNALLED);
        StorageBackend backend = Backends.open(disk.root().resolve("data"), options, 0, true);
        disk.inject(Fault.once(Operation.WRITE, write, Failure.EIO));
        long saved = 0;
        try {
            while (saved < CHANGES) {
                backend.saveEntries(saved + 1, List.of(Backends.run("g", saved, 1, payloadBytes)));
                saved++;
            }
        } catch (IOException expected) {
            disk.heal();
        }
        assertThat(Backends.read(backend, "g", 0, Long.MAX_VALUE))
                .as("write %d fails, %d bytes", write, payloadBytes)
                .containsExactlyElementsOf(LongStream.range(0, saved).boxed().toList());
        boolean failed = saved < CHANGES;
        disk.heal();
        backend.close();
        return failed;
    }
}
