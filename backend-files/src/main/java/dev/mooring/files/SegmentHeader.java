// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a segment, written together with the frame behind them, its activation. Big-endian:
 *
 * <pre>
 *  0  magic "MOORSEG\n"                                                    8
 *  8  version of the format                                                4
 * 12  1 if the file had a life before, else 0                              4
 * 16  storage id                                                          16
 * 32  ordinal, from 1                                                      8
 * 40  salt                                                                 8
 * 48  sizeBytes, length of the file                                        8
 * 56  previousOrdinal, 0: none                                             8
 * 64  previousEnd, offset at which the log ends in the previous segment    8
 * 72  durableOrdinal, the last segment that was begun before this one      8
 * 80  durableEnd, offset up to which that one was durable                   8
 * 88  previousCrc, of the last frame before previousEnd                     4
 * 92  CRC-32C of bytes 0..91                                               4
 * </pre>
 *
 * @param storageId whose file it is; another one's is refused
 * @param ordinal position of the segment in the log; never used again
 * @param salt random, new in every life of the file and known from the manifest before it is written; every frame carries
 *     it, so what a former life left in the file, and what a payload pretends, is not taken for a frame
 * @param sizeBytes length of the file
 * @param reused whether the file had a life before, so that what lies behind the last frame need not be zero
 * @param previousOrdinal the segment before this one, 0 if there is none
 * @param previousEnd where the log ends in it; what lies behind was never acknowledged, or is repeated here
 * @param durableOrdinal the previous segment, or a later one that this one supersedes
 * @param durableEnd up to where that one was durable when this one was begun; it was read then
 * @param previousCrc header checksum of the last frame before {@code previousEnd}
 * @param crc of all that
 */
record SegmentHeader(
        UUID storageId,
        long ordinal,
        long salt,
        long sizeBytes,
        boolean reused,
        long previousOrdinal,
        long previousEnd,
        long durableOrdinal,
        long durableEnd,
        int previousCrc,
        int crc) {

    static final int BYTES = 96;
    static final int VERSION = 1;

    private static final long MAGIC = 0x4d4f4f525345470aL; // "MOORSEG\n"
    private static final int CRC_AT = BYTES - 4;

    /** The header of an activated segment as bytes, with its checksum. */
    static ByteBuffer encode(UUID storageId, Segment segment) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(MAGIC).putInt(VERSION).putInt(segment.reused ? 1 : 0);
        bytes.putLong(storageId.getMostSignificantBits()).putLong(storageId.getLeastSignificantBits());
        bytes.putLong(segment.ordinal).putLong(segment.salt).putLong(segment.sizeBytes);
        bytes.putLong(segment.previousOrdinal).putLong(segment.previousEnd);
        bytes.putLong(segment.durableOrdinal).putLong(segment.durableEnd).putInt(segment.previousCrc);
        bytes.putInt(crc(bytes));
        return bytes.flip();
    }

    /** Reads the first {@value #BYTES} bytes of a file; null if they are no whole header. */
    static @Nullable SegmentHeader decode(ByteBuffer bytes) {
        int crc = bytes.getInt(CRC_AT);
        if (bytes.getLong(0) != MAGIC || crc != crc(bytes)) {
            return null;
        }
        return new SegmentHeader(
                new UUID(bytes.getLong(16), bytes.getLong(24)),
                bytes.getLong(32),
                bytes.getLong(40),
                bytes.getLong(48),
                bytes.getInt(12) != 0,
                bytes.getLong(56),
                bytes.getLong(64),
                bytes.getLong(72),
                bytes.getLong(80),
                bytes.getInt(88),
                crc);
    }

    /** Version of a whole header, also of one that a later format wrote. */
    static int version(ByteBuffer bytes) {
        return bytes.getInt(8);
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(CRC_AT));
        return (int) crc.getValue();
    }
}
