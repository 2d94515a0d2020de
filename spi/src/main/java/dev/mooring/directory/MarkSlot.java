// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One of the two slots of {@code MARK}, {@value #BYTES} bytes, big-endian:
 *
 * <pre>
 *    0  magic       8  "MOORMARK"
 *    8  format      4  1
 *   12  flags       4  bit 0: the storage was closed; others 0
 *   16  storageId  16
 *   32  sequence    8  of a change that was acknowledged, 0 for none
 *   40  generation  8  higher than that of every slot written before; slot 0 has the even ones, slot 1 the odd
 *   48  zeros    4044
 * 4092  crc32c      4  CRC-32C of all bytes before it
 * </pre>
 *
 * In every format magic, format and checksum stand where they stand here.
 */
record MarkSlot(int format, UUID storageId, long sequence, long generation, boolean clean) {

    static final int BYTES = 4096;
    static final int FORMAT = 1;

    private static final long MAGIC = 0x4d4f4f524d41524bL;
    private static final int FLAG_CLEAN = 1;
    private static final int COVERED_BYTES = BYTES - 4;

    ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(MAGIC).putInt(format).putInt(clean ? FLAG_CLEAN : 0);
        bytes.putLong(storageId.getMostSignificantBits()).putLong(storageId.getLeastSignificantBits());
        bytes.putLong(sequence).putLong(generation);
        return bytes.putInt(COVERED_BYTES, crc(bytes)).position(0);
    }

    /** Reads one slot; null if it is torn, damaged, or belongs into the other place. */
    static @Nullable MarkSlot decode(ByteBuffer slot, int place) {
        ByteBuffer bytes = slot.duplicate();
        if (bytes.getInt(COVERED_BYTES) != crc(bytes) || bytes.getLong() != MAGIC) {
            return null;
        }
        int format = bytes.getInt();
        int flags = bytes.getInt();
        UUID storageId = new UUID(bytes.getLong(), bytes.getLong());
        MarkSlot read = new MarkSlot(format, storageId, bytes.getLong(), bytes.getLong(), (flags & FLAG_CLEAN) != 0);
        boolean plausible = read.sequence >= 0 && read.generation >= 0 && read.place() == place && flags <= FLAG_CLEAN;
        return format != FORMAT || plausible ? read : null; // what a later format means by its fields is not for us
    }

    MarkSlot next(long nextSequence, boolean nextClean) {
        return new MarkSlot(FORMAT, storageId, nextSequence, generation + 1, nextClean);
    }

    /** What replaces this very slot and is newer than both. */
    MarkSlot inItsPlace(boolean nextClean) {
        return new MarkSlot(FORMAT, storageId, sequence, generation + 2, nextClean);
    }

    /** 0 or 1. */
    int place() {
        return (int) (generation & 1);
    }

    private static int crc(ByteBuffer slot) {
        CRC32C crc = new CRC32C();
        crc.update(slot.duplicate().position(0).limit(COVERED_BYTES));
        return (int) crc.getValue();
    }
}
