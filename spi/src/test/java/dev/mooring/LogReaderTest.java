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

    /** READ-2: a log that is overwritten under a read is never handed out as half the old one and half the new one. */
    @Test
    void whatIsOverwrittenUnderAReadEndsIt() throws IOException {
        group().saveEntries(term(4), run(1, 1, 1));
        group().saveEntries(null, run(2, 3, 3));
        group().append(run(4, 6, 3)); // in memory
        List<LogEntry> found = new ArrayList<>();
        group().read(1, 6, Long.MAX_VALUE, entry -> {
            found.add(entry);
            if (entry.index() == 3) {
                group().saveEntries(null, run(2, 6, 2));
            }
            return true;
        });
        assertThat(found).extracting(LogEntry::term).containsExactly(1L, 3L, 3L);
    }

    /** What goes away below a read, or comes on top of it, does not cut it short. */
    @Test
    void aReleaseAndAnAppendUnderAReadDoNotEndIt() throws IOException {
        group().saveEntries(term(4), run(1, 3, 3));
        group().append(run(4, 6, 3));
        List<LogEntry> found = new ArrayList<>();
        group().read(1, 6, Long.MAX_VALUE, entry -> {
            found.add(entry);
            if (entry.index() == 3) {
                group().recordSnapshot(3, 3);
                group().releaseLock(3);
                group().saveEntries(null, run(7, 9, 4));
            }
            return true;
        });
        assertThat(found).isEqualTo(run(1, 6, 3));
    }

    private int count() throws IOException {
        int[] read = new int[1];
        group().read(1, MANY, Long.MAX_VALUE, entry -> ++read[0] == entry.index());
        return read[0];
    }
}
