// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.Entry;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Copies entries out of an old segment. Each is checked against its own checksum on the way: the new frame's checksum would
 * hold for whatever is copied, and the old frame, which could tell, is given up.
 */
final class EntryCopy {

    private static final int FETCH_BYTES = 256 << 10;

    private final String group;
    private final StableFile source;
    private final EntryRun run;

    EntryCopy(String group, StableFile source, EntryRun run) {
        this.group = group;
        this.source = source;
        this.run = run;
    }

    void putInto(FrameSink sink) throws IOException {
        if (sink.isCounting()) {
            sink.skip(run.bytes());
            return;
        }
        long offset = run.offset;
        int next = 0;
        while (next < run.payloadBytes.length) {
            int count = together(next);
            ByteBuffer fetched = fetch(next, count, offset);
            for (int i = next; i < next + count; i++) {
                int at = fetched.position();
                check(i, fetched, offset + at);
                fetched.position(at + (int) EntryRun.bytesOf(run.payloadBytes[i]));
            }
            sink.put(fetched.rewind());
            offset += fetched.limit();
            next += count;
        }
    }

    /** How many entries from this one on are read at once. */
    private int together(int from) {
        long bytes = EntryRun.bytesOf(run.payloadBytes[from]);
        int count = 1;
        while (from + count < run.payloadBytes.length
                && bytes + EntryRun.bytesOf(run.payloadBytes[from + count]) <= FETCH_BYTES) {
            bytes += EntryRun.bytesOf(run.payloadBytes[from + count]);
            count++;
        }
        return count;
    }

    private ByteBuffer fetch(int from, int count, long offset) throws IOException {
        long bytes = 0;
        for (int i = from; i < from + count; i++) {
            bytes += EntryRun.bytesOf(run.payloadBytes[i]);
        }
        ByteBuffer fetched = ByteBuffer.allocate((int) bytes);
        source.readFully(fetched, offset);
        return fetched.flip();
    }

    private void check(int i, ByteBuffer fetched, long offset) throws StorageException {
        int at = fetched.position();
        long term = fetched.getLong(at);
        int checksum = fetched.getInt(at + 8);
        int length = fetched.getInt(at + 12);
        long index = run.firstIndex + i;
        if (length != run.payloadBytes[i]
                || checksum != Entry.checksum(group, index, term, fetched.slice(at + EntryRun.ENTRY_BYTES, length))) {
            throw StorageException.Corrupted.at(
                    source.path(),
                    offset,
                    "entry " + index + " of group '" + group
                            + "' was to be moved out of this segment, but does not match its checksum. "
                            + Damage.REMEDY);
        }
    }
}
