// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.Entry;
import java.nio.ByteBuffer;

/** Native memory in which one entry after the other is handed to RocksDB, which copies it into its batch. */
final class EntryBuffer {

    private static final int FIRST_BYTES = 64 << 10;

    private final ByteBuffer key = ByteBuffer.allocateDirect(Keys.ENTRY_BYTES);
    private ByteBuffer value = ByteBuffer.allocateDirect(FIRST_BYTES);

    ByteBuffer key(int group, Entry entry) {
        return key.clear().putInt(group).putLong(entry.index()).flip();
    }

    ByteBuffer value(Entry entry) {
        int length = Keys.ENTRY_HEAD_BYTES + entry.payloadBytes();
        if (value.capacity() < length) {
            value = ByteBuffer.allocateDirect(Math.max(length, 2 * value.capacity()));
        }
        return value.clear()
                .putLong(entry.term())
                .putInt(entry.checksum())
                .put(entry.payload())
                .flip();
    }
}
