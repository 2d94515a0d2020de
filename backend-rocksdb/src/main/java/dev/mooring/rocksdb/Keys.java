// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import java.nio.ByteBuffer;

/**
 * Keys of entries, short and sorted by group, then by index. Numbers are big-endian and not negative, so bytes sort as they do.
 *
 * <pre>
 *   column family "log":     group number:4 | index:8    -> term:8 | checksum:4 | payload
 *   column family "default": key of a record:4 or 5      -> record
 * </pre>
 */
final class Keys {

    static final int ENTRY_BYTES = 4 + 8;
    static final int ENTRY_HEAD_BYTES = 8 + 4;

    private Keys() {}

    static byte[] entry(int group, long index) {
        return ByteBuffer.allocate(ENTRY_BYTES).putInt(group).putLong(index).array();
    }

    /** The first key behind all entries of a group. */
    static byte[] endOf(int group) {
        return entry(group + 1, 0);
    }

    static int group(byte[] key) {
        return ByteBuffer.wrap(key).getInt();
    }

    static long index(byte[] key) {
        return ByteBuffer.wrap(key).getLong(4);
    }

    static byte[] array(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.duplicate().get(array);
        return array;
    }
}
