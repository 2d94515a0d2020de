// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Header of a frame: one batch of changes, whole or absent. Big-endian:
 *
 * <pre>
 *  0  magic "MFRM"                     4     24  manifest: generation of the    8
 *  4  kind: 1 changes, 2 activation    4         newest durable manifest
 *  8  salt of the segment              8     32  length of the body             4
 * 16  sequence of the last change      8     36  previousCrc: bytes 44..47 of   4
 *     that the log holds with it                 the frame before, or the CRC
 *                                                of the segment's header
 *                                            40  CRC-32C of the body            4
 *                                            44  CRC-32C of bytes 0..43         4
 * 48  body, then zeros up to a multiple of 8, and at least 8 zeros more
 * </pre>
 *
 * <p>Frames begin at multiples of 8. None is written before the one before it was forced, so a frame's header, even
 * without its body, proves that everything before it is durable. The checksum of the previous frame is a field and not a
 * seed: a frame can be judged alone, behind damage, and yet not follow a frame that it was not written after.
 *
 * @param offset in the segment
 * @param kind what the body holds
 * @param sequence the core's number of the newest change that the log holds with this frame
 * @param manifest generation of the newest manifest that was durable when it was written
 * @param bodyBytes length of the body
 * @param previousCrc {@code crc} of the frame before
 * @param bodyCrc CRC-32C of the body
 * @param crc CRC-32C of the header, and so of the body's too
 */
record Frame(
        long offset, int kind, long sequence, long manifest, int bodyBytes, int previousCrc, int bodyCrc, int crc) {

    static final int HEADER_BYTES = 48;
    static final int MAGIC = 0x4d46524d; // "MFRM"
    static final int CHANGES = 1;
    static final int ACTIVATION = 2;

    /** Zeros behind a frame, part of the same write: where the next one will begin, nothing stands. */
    static final int TERMINATOR_BYTES = 8;

    static final int SALT_AT = 8;
    private static final int CRC_AT = HEADER_BYTES - 4;

    /** Where the body ends. */
    long bodyEnd() {
        return offset + HEADER_BYTES + bodyBytes;
    }

    /** Where the next frame begins. */
    long end() {
        return aligned(bodyEnd());
    }

    /** The next multiple of 8. */
    static long aligned(long offset) {
        return (offset + 7) & ~7L;
    }

    /** Puts this header at the beginning of the buffer's remainder and leaves its position alone. */
    void encode(ByteBuffer target, long salt) {
        int at = target.position();
        target.putInt(at, MAGIC)
                .putInt(at + 4, kind)
                .putLong(at + SALT_AT, salt)
                .putLong(at + 16, sequence)
                .putLong(at + 24, manifest)
                .putInt(at + 32, bodyBytes)
                .putInt(at + 36, previousCrc)
                .putInt(at + 40, bodyCrc)
                .putInt(at + CRC_AT, crc);
    }

    /** A header that is about to be written, with its checksum. */
    static Frame of(
            long offset,
            int kind,
            long salt,
            long sequence,
            long manifest,
            int bodyBytes,
            int previousCrc,
            int bodyCrc) {
        Frame draft = new Frame(offset, kind, sequence, manifest, bodyBytes, previousCrc, bodyCrc, 0);
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
        draft.encode(bytes, salt);
        return new Frame(offset, kind, sequence, manifest, bodyBytes, previousCrc, bodyCrc, crc(bytes, 0));
    }

    /** Reads the header at {@code at}; null if it is none of this salt that is whole and fits into the file. */
    static @Nullable Frame decode(ByteBuffer bytes, int at, long offset, long salt, long sizeBytes) {
        if (bytes.getInt(at) != MAGIC || bytes.getLong(at + SALT_AT) != salt) {
            return null;
        }
        int crc = bytes.getInt(at + CRC_AT);
        if (crc != crc(bytes, at)) {
            return null;
        }
        Frame frame = new Frame(
                offset,
                bytes.getInt(at + 4),
                bytes.getLong(at + 16),
                bytes.getLong(at + 24),
                bytes.getInt(at + 32),
                bytes.getInt(at + 36),
                bytes.getInt(at + 40),
                crc);
        return frame.bodyBytes < 0 || frame.bodyEnd() > sizeBytes ? null : frame;
    }

    private static int crc(ByteBuffer bytes, int at) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(at + CRC_AT).position(at));
        return (int) crc.getValue();
    }
}
