// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import java.nio.ByteBuffer;

/**
 * Keys of the records. Numbers are big-endian and not negative, so bytes sort as they do.
 *
 * <pre>
 *   0:4                  -> {@link StoreRecord}
 *   group number:4       -> {@link Group}
 *   group number:4 | 'a' -> attachment
 * </pre>
 */
final class Keys {

    private static final int GROUP_BYTES = 4;
    private static final int ATTACHMENT_BYTES = 5;
    private static final byte ATTACHMENT = 'a';

    private Keys() {}

    static ByteBuffer store() {
        return group(0);
    }

    static ByteBuffer group(int number) {
        return ByteBuffer.allocate(GROUP_BYTES).putInt(number).flip();
    }

    static ByteBuffer attachment(int number) {
        return ByteBuffer.allocate(ATTACHMENT_BYTES)
                .putInt(number)
                .put(ATTACHMENT)
                .flip();
    }

    /** Number of the group that a record belongs to; 0: to none. */
    static int number(ByteBuffer key) {
        return key.remaining() < GROUP_BYTES ? -1 : key.getInt(key.position());
    }

    static boolean isAttachment(ByteBuffer key) {
        return key.remaining() == ATTACHMENT_BYTES && key.get(key.position() + GROUP_BYTES) == ATTACHMENT;
    }

    static boolean isGroup(ByteBuffer key) {
        return key.remaining() == GROUP_BYTES;
    }
}
