// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment from front to back through a window of fixed size, whatever the lengths in the file say. Nothing is
 * allocated by a length that the rest of the frame does not cover.
 */
final class SegmentInput {

    private static final int WINDOW_BYTES = 256 << 10;

    private final StableFile file;
    private final long sizeBytes;
    private final ByteBuffer window;
    private final CRC32C crc = new CRC32C();
    private long filled; // offset in the file of the window's limit
    private int summedTo; // position in the window up to which the checksum has come
    private long limit; // offset behind which a body does not reach

    SegmentInput(StableFile file, long sizeBytes, ByteBuffer window) {
        this.file = file;
        this.sizeBytes = sizeBytes;
        this.window = window.clear().limit(0);
        this.limit = sizeBytes;
    }

    /** A window, to be used by one input after the other. */
    static ByteBuffer newWindow() {
        return ByteBuffer.allocateDirect(WINDOW_BYTES);
    }

    /** The segment's header; null if the file does not begin with a whole one. */
    @Nullable
    SegmentHeader header() throws IOException {
        if (sizeBytes < SegmentHeader.BYTES) {
            return null;
        }
        return SegmentHeader.decode(rawHeader());
    }

    /** The first bytes of the file. */
    ByteBuffer rawHeader() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.BYTES);
        seek(0);
        require(SegmentHeader.BYTES);
        bytes.put(0, window, window.position(), SegmentHeader.BYTES);
        return bytes;
    }

    /** Whether the file begins with so many zeros, or is shorter and holds nothing else. */
    boolean isBlank(int bytes) throws IOException {
        seek(0);
        for (long left = Math.min(bytes, sizeBytes); left > 0; left--) {
            if (get() != 0) {
                return false;
            }
        }
        return true;
    }

    /** The header of the frame at an offset; null if there is none of this salt that is whole. */
    @Nullable
    Frame frame(long offset, long salt) throws IOException {
        if (offset + Frame.HEADER_BYTES > sizeBytes) {
            return null;
        }
        limit = sizeBytes;
        seek(offset);
        require(Frame.HEADER_BYTES);
        return Frame.decode(window, window.position(), offset, salt, sizeBytes);
    }

    /**
     * The records of a frame; null if its body does not match its checksum.
     *
     * @throws MalformedException if the checksum holds and the body makes no sense all the same
     */
    @Nullable
    List<Change> records(Frame frame) throws IOException {
        limit = frame.bodyEnd();
        seek(frame.offset() + Frame.HEADER_BYTES);
        crc.reset();
        summedTo = window.position();
        List<Change> changes = null;
        MalformedException malformed = null;
        try {
            changes = Records.read(this);
        } catch (MalformedException e) {
            malformed = e;
        }
        skip(left());
        sum();
        if ((int) crc.getValue() != frame.bodyCrc()) {
            return null;
        }
        if (malformed != null) {
            throw malformed;
        }
        return changes;
    }

    /** What was found behind the end of the log. */
    record Rest(@Nullable Frame later, boolean isBlank) {}

    /**
     * Looks through the rest of the file for the header of a frame that proves the log to go on behind a bad one: at
     * another place and with a higher sequence than {@code after}, or at this place and with a sequence that skips one. And
     * whether anything but zeros stands in the part that must be blank.
     *
     * @param from where a bad frame is, or nothing
     * @param blankTo where zeros are no longer a must
     */
    Rest rest(long from, long salt, long after, long blankTo) throws IOException {
        limit = sizeBytes;
        seek(from);
        boolean blank = true;
        for (long offset = from; offset + 8 <= sizeBytes; offset += 8) {
            require(8);
            int at = window.position();
            long word = window.getLong(at);
            blank &= word == 0 || offset >= blankTo;
            if ((int) (word >>> 32) == Frame.MAGIC && offset + Frame.HEADER_BYTES <= sizeBytes) {
                require(Frame.HEADER_BYTES);
                Frame frame = Frame.decode(window, window.position(), offset, salt, sizeBytes);
                if (frame != null && frame.sequence() > (offset == from ? after + 1 : after)) {
                    return new Rest(frame, false);
                }
            }
            skip(8);
        }
        return new Rest(null, blank);
    }

    // ---- pieces of a body ----

    /** Offset in the file of the next byte. */
    long position() {
        return filled - window.remaining();
    }

    /** Bytes left in the body. */
    long left() {
        return limit - position();
    }

    int get() throws IOException {
        require(1);
        return window.get() & 0xff;
    }

    int getShort() throws IOException {
        require(2);
        return window.getShort() & 0xffff;
    }

    int getInt() throws IOException {
        require(4);
        return window.getInt();
    }

    long getLong() throws IOException {
        require(8);
        return window.getLong();
    }

    /** Where a log begins or ends from: an empty one may begin behind the last index that an entry can have. */
    long getFirstIndex() throws IOException {
        long index = getLong();
        if (index < 0) {
            throw new MalformedException("index " + index);
        }
        return index;
    }

    /** An index that an entry can have. */
    long getIndex() throws IOException {
        long index = getLong();
        if (index < 0 || index == Long.MAX_VALUE) {
            throw new MalformedException("index " + index);
        }
        return index;
    }

    byte[] get(int length) throws IOException {
        if (length > left()) {
            throw new MalformedException(length + " bytes where " + left() + " are left");
        }
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            require(1);
            int count = Math.min(window.remaining(), length - done);
            window.get(bytes, done, count);
            done += count;
        }
        return bytes;
    }

    void skip(long length) throws IOException {
        if (length > left()) {
            throw new MalformedException(length + " bytes where " + left() + " are left");
        }
        long skipped = 0;
        while (skipped < length) {
            require(1);
            int count = (int) Math.min(window.remaining(), length - skipped);
            window.position(window.position() + count);
            skipped += count;
        }
    }

    // ---- the window ----

    private void seek(long offset) {
        long start = filled - window.limit();
        if (offset >= start && offset <= filled) {
            window.position((int) (offset - start));
        } else {
            window.clear().limit(0);
            filled = offset;
        }
        summedTo = window.position();
    }

    private void require(int bytes) throws IOException {
        if (bytes > left()) {
            throw new MalformedException(bytes + " bytes where " + left() + " are left");
        }
        if (window.remaining() < bytes) {
            sum();
            window.compact();
            int wanted = (int) Math.min(window.remaining(), sizeBytes - filled);
            int kept = window.position();
            window.limit(kept + wanted);
            int count = file.read(window, filled);
            filled += count;
            window.flip();
            summedTo = 0;
            if (window.remaining() < bytes) {
                throw new EOFException(file.path() + " ends at " + filled + ", though it should have " + sizeBytes
                        + " bytes; was it cut off while it was read?");
            }
        }
    }

    private void sum() {
        crc.update(window.duplicate().limit(window.position()).position(summedTo));
        summedTo = window.position();
    }
}
