// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.util.Comparator;
import jnr.ffi.Pointer;
import org.lmdbjava.BufferProxy;
import org.lmdbjava.LmdbException;

/**
 * Hands lmdbjava direct buffers as they are, and hands out LMDB's own memory as direct buffers, without a copy.
 *
 * <p>lmdbjava's own proxies for ByteBuffer reach into private fields of the JDK and need {@code --add-opens} twice; JNI,
 * which this uses through jffi, needs nothing.
 */
final class MapBuffers extends BufferProxy<ByteBuffer> {

    static final MapBuffers INSTANCE = new MapBuffers();

    private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(0);
    private final MemoryIO memory = MemoryIO.getInstance();

    private MapBuffers() {}

    @Override
    protected ByteBuffer allocate() {
        return EMPTY; // replaced by the first value found
    }

    @Override
    protected void deallocate(ByteBuffer buffer) {}

    @Override
    protected byte[] getBytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** Compares as LMDB does; asked for at open, and used by lmdbjava's range iterators only, which are not used here. */
    @Override
    protected Comparator<ByteBuffer> getSignedComparator() {
        return getUnsignedComparator();
    }

    @Override
    protected Comparator<ByteBuffer> getUnsignedComparator() {
        return (left, right) -> {
            int mismatch = left.mismatch(right);
            return mismatch < 0 || mismatch >= Math.min(left.remaining(), right.remaining())
                    ? Integer.compare(left.remaining(), right.remaining())
                    : Byte.compareUnsigned(
                            left.get(left.position() + mismatch), right.get(right.position() + mismatch));
        };
    }

    @Override
    protected Pointer in(ByteBuffer buffer, Pointer value) {
        value.putLong(STRUCT_FIELD_OFFSET_SIZE, buffer.remaining());
        value.putAddress(STRUCT_FIELD_OFFSET_DATA, memory.getDirectBufferAddress(buffer) + buffer.position());
        return value;
    }

    /** For a reservation: LMDB sets the address. */
    @Override
    protected Pointer in(ByteBuffer buffer, int size, Pointer value) {
        value.putLong(STRUCT_FIELD_OFFSET_SIZE, size);
        return value;
    }

    @Override
    protected ByteBuffer out(ByteBuffer buffer, Pointer value) {
        long size = value.getLong(STRUCT_FIELD_OFFSET_SIZE);
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw new LmdbException("a stored value claims " + size + " bytes");
        }
        return memory.newDirectByteBuffer(value.getAddress(STRUCT_FIELD_OFFSET_DATA), (int) size);
    }
}
