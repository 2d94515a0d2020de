// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * One log entry as a backend stores it.
 *
 * @param index position in the log, from 0, 63 bits
 * @param term term in which a leader created it, from 0, 63 bits
 * @param checksum CRC-32C over group, index, term and payload, made by the core and verified by it at every read; a
 *     backend stores and returns it unchanged
 * @param payload opaque bytes, read-only
 */
public record Entry(long index, long term, int checksum, ByteBuffer payload) {

    /**
     * Checks index and term, and makes the payload read-only.
     *
     * @param checksum CRC-32C over group, index, term and payload, made by the core and verified by it at every read; a
     *     backend stores and returns it unchanged
     * @param index position in the log, from 0, 63 bits
     * @param term term in which a leader created it, from 0, 63 bits
     * @param payload opaque bytes, read-only
     */
    public Entry {
        Checks.atLeast(0, index, "index");
        Checks.atLeast(0, term, "term");
        payload = payload.isReadOnly() ? payload : payload.asReadOnlyBuffer();
    }

    /** {@return the payload, as a view whose position the caller may move} */
    @Override
    public ByteBuffer payload() {
        return payload.duplicate();
    }

    /** {@return length of the payload in bytes} */
    public int payloadBytes() {
        return payload.remaining();
    }

    /**
     * {@return the checksum that belongs to an entry of this group: CRC-32C (polynomial of RFC 3720) over the group's
     * name in UTF-8, a zero byte, index and term as big-endian 64-bit numbers, and the payload from position to limit,
     * which are left as they are}
     *
     * @param group name of the group
     * @param index index of the entry
     * @param term term of the entry
     * @param payload its bytes
     */
    public static int checksum(String group, long index, long term, ByteBuffer payload) {
        CRC32C crc = new CRC32C();
        crc.update(group.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
        byte[] numbers = new byte[16];
        for (int i = 0; i < 8; i++) {
            numbers[i] = (byte) (index >>> (56 - 8 * i));
            numbers[8 + i] = (byte) (term >>> (56 - 8 * i));
        }
        crc.update(numbers);
        crc.update(payload.duplicate());
        return (int) crc.getValue();
    }
}
