// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Builds frames in one reusable direct buffer and makes them durable: one write, one force. A frame larger than the buffer
 * may grow is built twice, first for its checksum, then for the disk, and written in pieces under the one force.
 *
 * <p>A write goes on with zeros to the end of a 4 KiB block. The blocks it touches are overwritten whole or were written a
 * moment ago, so a recycled file whose blocks have left the page cache is never read from the disk on the way of a save.
 */
final class FrameWriter {

    private static final int BLOCK_BYTES = 4096;
    private static final int FIRST_BUFFER_BYTES = 64 << 10;

    private final int maxBufferBytes;
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    FrameWriter(int maxBufferBytes) {
        this.maxBufferBytes = maxBufferBytes;
    }

    /** Whether a frame with a body of this length, and what must stand behind it, fits in front of {@code sizeBytes}. */
    static boolean fits(long offset, long bodyBytes, long sizeBytes) {
        return offset + Frame.HEADER_BYTES + bodyBytes <= sizeBytes;
    }

    /**
     * Writes a frame and forces it.
     *
     * @param prefix what goes directly before it, as part of the same write; may be empty
     * @param draft the frame's header without its checksums
     */
    Frame write(Segment segment, StableFile file, ByteBuffer prefix, Frame draft, FrameBody body) throws IOException {
        long start = draft.offset() - prefix.remaining();
        long paddedEnd = paddedEnd(draft.end(), segment.sizeBytes);
        Frame frame = paddedEnd - start <= maxBufferBytes
                ? writeAtOnce(segment, file, prefix, draft, body, (int) (paddedEnd - start))
                : writeInPieces(segment, file, prefix, draft, body, paddedEnd);
        force(file, frame);
        return frame;
    }

    /** Whoever looks for what was not made durable needs the place, which the file does not know. */
    private static void force(StableFile file, Frame frame) throws IOException {
        try {
            file.forceData();
        } catch (IOException e) {
            throw new IOException(
                    "making the frame at offset " + frame.offset() + " durable: " + StorageException.reasonOf(e), e);
        }
    }

    private Frame writeAtOnce(
            Segment segment, StableFile file, ByteBuffer prefix, Frame draft, FrameBody body, int totalBytes)
            throws IOException {
        ByteBuffer room = room(totalBytes);
        long start = draft.offset() - prefix.remaining();
        room.put(prefix.duplicate());
        int header = room.position();
        int bodyAt = header + Frame.HEADER_BYTES;
        room.position(bodyAt);
        body.putInto(FrameSink.into(room, draft.offset() + Frame.HEADER_BYTES, full -> {
            throw new IllegalStateException("a frame of " + draft.bodyBytes() + " bytes is longer than it said");
        }));
        checkLength(draft, room.position() - bodyAt);
        CRC32C crc = new CRC32C();
        crc.update(room.slice(bodyAt, draft.bodyBytes()));
        Frame frame = sealed(segment, draft, (int) crc.getValue());
        frame.encode(room.duplicate().position(header), segment.salt);
        putZeros(room, totalBytes - room.position());
        file.write(room.flip(), start);
        return frame;
    }

    private Frame writeInPieces(
            Segment segment, StableFile file, ByteBuffer prefix, Frame draft, FrameBody body, long paddedEnd)
            throws IOException {
        ByteBuffer room = room(maxBufferBytes);
        long bodyAt = draft.offset() + Frame.HEADER_BYTES;
        CRC32C crc = new CRC32C();
        FrameSink summing = FrameSink.into(room, bodyAt, crc::update);
        body.putInto(summing);
        crc.update(room.flip());
        checkLength(draft, summing.position() - bodyAt);
        Frame frame = sealed(segment, draft, (int) crc.getValue());

        long[] written = {draft.offset() - prefix.remaining()};
        FrameSink.Drain toDisk = full -> {
            int count = full.remaining();
            file.write(full, written[0]);
            written[0] += count;
        };
        room.clear();
        room.put(prefix.duplicate());
        frame.encode(room, segment.salt);
        room.position(room.position() + Frame.HEADER_BYTES);
        body.putInto(FrameSink.into(room, bodyAt, toDisk));
        toDisk.drain(room.flip());
        room.clear();
        putZeros(room, (int) (paddedEnd - written[0]));
        toDisk.drain(room.flip());
        return frame;
    }

    private static Frame sealed(Segment segment, Frame draft, int bodyCrc) {
        return Frame.of(
                draft.offset(),
                draft.kind(),
                segment.salt,
                draft.sequence(),
                draft.manifest(),
                draft.bodyBytes(),
                draft.previousCrc(),
                bodyCrc);
    }

    private static void checkLength(Frame draft, long put) {
        if (put != draft.bodyBytes()) {
            throw new IllegalStateException("a frame said " + draft.bodyBytes() + " bytes, but has " + put);
        }
    }

    private static long paddedEnd(long end, long sizeBytes) {
        long padded = (end + Frame.TERMINATOR_BYTES + BLOCK_BYTES - 1) & -(long) BLOCK_BYTES;
        return Math.min(padded, sizeBytes);
    }

    private static void putZeros(ByteBuffer target, int count) {
        int left = count;
        for (; left >= 8; left -= 8) {
            target.putLong(0);
        }
        for (; left > 0; left--) {
            target.put((byte) 0);
        }
    }

    private ByteBuffer room(int bytes) {
        if (buffer.capacity() < bytes) {
            int capacity = Math.max(FIRST_BUFFER_BYTES, Integer.highestOneBit(Math.max(1, bytes - 1)) << 1);
            buffer = ByteBuffer.allocateDirect(Math.min(capacity, maxBufferBytes));
        }
        return buffer.clear().limit(bytes);
    }
}
