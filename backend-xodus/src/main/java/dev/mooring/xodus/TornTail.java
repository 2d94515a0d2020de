// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.ordered.OrderedBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;

/** Judges what Xodus takes for a torn end of its log and wants to cut off. */
final class TornTail {

    private static final int CHUNK_BYTES = 1 << 20;

    private TornTail() {}

    /**
     * Lets Xodus cut, but only if no acknowledged change goes with it.
     *
     * @param sequence number of the last change in what is left
     */
    static void confirm(LogWriter writer, BackendContext context, Layout layout, long sequence) throws IOException {
        List<Cuts.Cut> cuts = writer.cuts();
        // a change was begun, so the one before it was durable
        long acknowledged = Math.max(context.provenSequence(), highestSequence(cuts, context.storageId()) - 1);
        if (!cuts.isEmpty() && sequence < acknowledged) {
            throw StorageException.Corrupted.at(
                    cuts.get(0).file(),
                    offsetOf(cuts.get(0)),
                    "from here on Xodus finds no whole change. What comes before it ends at change " + sequence
                            + ", but change " + acknowledged + " was acknowledged. Nothing was cut off"
                            + Faults.WHAT_TO_DO);
        }
        writer.confirm();
        if (!layout.endedCleanly) {
            StableFile.forceTree(context.directory());
        }
        for (Cuts.Cut cut : cuts) {
            context.report(new Repair(
                    cut.file(),
                    offsetOf(cut),
                    "a torn last change was cut off; nothing proves that it was ever acknowledged. What is left ends at"
                            + " change " + sequence));
        }
    }

    private static long offsetOf(Cuts.Cut cut) {
        Long lengthBytes = cut.lengthBytes();
        return lengthBytes == null ? 0 : lengthBytes;
    }

    /** Number of the highest change with a whole record in there; 0 if there is none. */
    static long highestSequence(List<Cuts.Cut> cuts, UUID storageId) throws IOException {
        long highest = 0;
        for (Cuts.Cut cut : cuts) {
            try (StableFile file = StableFile.open(cut.file(), StandardOpenOption.READ)) {
                ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
                long position = offsetOf(cut);
                while (file.read(chunk.clear(), position) >= OrderedBackend.SEQUENCE_RECORD_BYTES) {
                    highest = Math.max(highest, OrderedBackend.highestSequence(chunk.flip(), storageId));
                    position += chunk.limit() - OrderedBackend.SEQUENCE_RECORD_BYTES + 1; // one may lie across the end
                }
            }
        }
        return highest;
    }
}
