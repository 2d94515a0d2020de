// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bytes of a frame's body: into a buffer that is drained when it is full, or only to count them. What is put here
 * is copied once.
 */
final class FrameSink {

    /** What happens to a buffer that is full. */
    @FunctionalInterface
    interface Drain {
        void drain(ByteBuffer full) throws IOException;
    }

    private final @Nullable ByteBuffer buffer; // null: counts only
    private final Drain drain;
    private long position;

    private FrameSink(@Nullable ByteBuffer buffer, long position, Drain drain) {
        this.buffer = buffer;
        this.position = position;
        this.drain = drain;
    }

    static FrameSink counting() {
        return new FrameSink(null, 0, full -> {});
    }

    /** A sink whose first byte goes to {@code offset} of the segment. */
    static FrameSink into(ByteBuffer buffer, long offset, Drain drain) {
        return new FrameSink(buffer, offset, drain);
    }

    /** Offset in the segment of the next byte; of a sink that counts, the bytes so far. */
    long position() {
        return position;
    }

    FrameSink put(int value) throws IOException {
        ByteBuffer room = room(1);
        if (room != null) {
            room.put((byte) value);
        }
        return this;
    }

    FrameSink putShort(int value) throws IOException {
        ByteBuffer room = room(2);
        if (room != null) {
            room.putShort((short) value);
        }
        return this;
    }

    FrameSink putInt(int value) throws IOException {
        ByteBuffer room = room(4);
        if (room != null) {
            room.putInt(value);
        }
        return this;
    }

    FrameSink putLong(long value) throws IOException {
        ByteBuffer room = room(8);
        if (room != null) {
            room.putLong(value);
        }
        return this;
    }

    FrameSink put(byte[] bytes) throws IOException {
        return put(ByteBuffer.wrap(bytes));
    }

    /** Puts all that remains in the source, whose position stays where it is. */
    FrameSink put(ByteBuffer source) throws IOException {
        position += source.remaining();
        if (buffer == null) {
            return this;
        }
        int from = source.position();
        while (from < source.limit()) {
            makeRoom(1);
            int count = Math.min(buffer.remaining(), source.limit() - from);
            buffer.put(buffer.position(), source, from, count);
            buffer.position(buffer.position() + count);
            from += count;
        }
        return this;
    }

    /** Whether the bytes go nowhere; then {@link #skip} will do. */
    boolean isCounting() {
        return buffer == null;
    }

    /** Of a sink that counts: so many bytes more. */
    void skip(long bytes) {
        position += bytes;
    }

    private @Nullable ByteBuffer room(int bytes) throws IOException {
        position += bytes;
        if (buffer != null) {
            makeRoom(bytes);
        }
        return buffer;
    }

    private void makeRoom(int bytes) throws IOException {
        if (buffer != null && buffer.remaining() < bytes) {
            drain.drain(buffer.flip());
            buffer.clear();
        }
    }
}
