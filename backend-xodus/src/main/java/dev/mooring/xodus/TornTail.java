// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;

/** Looks into what Xodus wants to cut off for a later change: a change is begun only when the one before it is durable. */
final class TornTail {

    private static final int CHUNK_BYTES = 1 << 20;
    private static final int ID_AT = 1;

    private TornTail() {}

    /** Highest sequence in a whole record of ours in there; 0 if there is none. */
    static long highestSequence(List<LogWriter.Cut> cuts, UUID storageId) throws IOException {
        long highest = 0;
        for (LogWriter.Cut cut : cuts) {
            Long from = cut.lengthBytes();
            try (StableFile file = StableFile.open(cut.file(), StandardOpenOption.READ)) {
                highest = Math.max(highest, highestSequence(file, from == null ? 0 : from, storageId));
            }
        }
        return highest;
    }

    private static long highestSequence(StableFile file, long from, UUID storageId) throws IOException {
        long highest = 0;
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        for (long position = from; file.read(chunk.clear(), position) >= StoreRecord.BYTES; ) {
            chunk.flip();
            int last = chunk.remaining() - StoreRecord.BYTES;
            for (int at = 0; at <= last; at++) {
                if (chunk.getLong(at + ID_AT) == storageId.getMostSignificantBits()
                        && chunk.getLong(at + ID_AT + 8) == storageId.getLeastSignificantBits()) {
                    highest = Math.max(highest, sequenceOf(chunk.slice(at, StoreRecord.BYTES)));
                }
            }
            position += last + 1;
        }
        return highest;
    }

    private static long sequenceOf(ByteBuffer record) {
        try {
            return StoreRecord.decode(record).sequence();
        } catch (StorageException e) {
            return 0; // torn, as it may be
        }
    }
}
