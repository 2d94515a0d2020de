// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The bytes of one write, kept for as long as the recording is. A run of zeros, as in a new segment, takes no space. */
final class Data {

    private final int length;
    private final byte @Nullable [] bytes; // null: all zero

    private Data(int length, byte @Nullable [] bytes) {
        this.length = length;
        this.bytes = bytes;
    }

    /** Takes {@code length} bytes out of the buffer. */
    static Data take(ByteBuffer source, int length) {
        byte[] copy = new byte[length];
        source.get(copy);
        return of(copy);
    }

    static Data of(byte[] bytes) {
        for (byte value : bytes) {
            if (value != 0) {
                return new Data(bytes.length, bytes);
            }
        }
        return new Data(bytes.length, null);
    }

    int length() {
        return length;
    }

    boolean isZero(int from, int count) {
        if (bytes == null) {
            return true;
        }
        for (int i = from; i < from + count; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    void copy(int from, byte[] target, int to, int count) {
        if (bytes == null) {
            Arrays.fill(target, to, to + count, (byte) 0);
        } else {
            System.arraycopy(bytes, from, target, to, count);
        }
    }
}
