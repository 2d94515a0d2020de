// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.Entry;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** READ: the memory that a read takes is bounded, whatever is in the log. */
class LogReaderTest extends CoreTest {

    private static final int MANY = 100_000;

    @Test
    void aChunkOfEmptyEntriesIsBounded() throws StorageException {
        LogReader.Collector collector = new LogReader.Collector("g", 0, Long.MAX_VALUE);
        ByteBuffer empty = ByteBuffer.allocate(0);
        int taken = 0;
        for (boolean more = true; more; taken++) {
            more = collector.visit(new Entry(taken, 1, Entry.checksum("g", taken, 1, empty), empty));
        }
        assertThat(taken).isBetween(1_000, 20_000);
    }

    @Test
    void manyEmptyEntriesAreReadFromMemoryAndFromTheBackend() throws IOException {
        List<LogEntry> entries = new ArrayList<>();
        for (int index = 1; index <= MANY; index++) {
            entries.add(LogEntry.of(index, 0, new byte[0]));
        }
        group().append(entries);
        assertThat(count()).isEqualTo(MANY);
        group().sync();
        assertThat(count()).isEqualTo(MANY);
    }

    private int count() throws IOException {
        int[] read = new int[1];
        group().read(1, MANY, Long.MAX_VALUE, entry -> ++read[0] == entry.index());
        return read[0];
    }
}
