// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.ordered.OrderedBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes that are looked for in what would be cut off. */
class TornTailTest {

    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void aChangeIsFoundWhereverItLies() throws IOException { // DAMAGE-2
        byte[] record = recordOfAChange();
        Path file = directory.resolve("tail");
        for (int at : new int[] {0, 5, MIB - 1, MIB - record.length + 1, MIB - record.length, MIB, 2 * MIB - 20}) {
            ByteBuffer tail = ByteBuffer.allocate(100 + at + record.length);
            Files.write(file, tail.put(100 + at, record).array());
            List<Cuts.Cut> cuts = List.of(new Cuts.Cut(file, 100L));
            assertThat(TornTail.highestSequence(cuts, Backends.ID))
                    .as("at %d", at)
                    .isEqualTo(1);
        }
    }

    private byte[] recordOfAChange() throws IOException {
        Path data = directory.resolve("data");
        try (StorageBackend backend = Backends.open(data)) {
            backend.saveEntries(1, List.of(Backends.vote("g", 1, null)));
        }
        ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(data.resolve("00000000000.xd")));
        int length = OrderedBackend.SEQUENCE_RECORD_BYTES;
        for (int at = 0; at + length <= log.limit(); at++) {
            if (OrderedBackend.highestSequence(log.slice(at, length), Backends.ID) == 1) {
                byte[] record = new byte[length];
                log.get(at, record);
                return record;
            }
        }
        throw new AssertionError("no change in " + log);
    }
}
