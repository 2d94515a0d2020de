// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What the records of this package have in common: bounds, read-only buffers, and a checksum at the end of a record. */
final class Checks {

    private static final int SEAL_BYTES = 4;

    private Checks() {}

    static void atLeast(long minimum, long value, String name) {
        if (value < minimum) {
            throw new IllegalArgumentException(name + " is " + value + ", less than " + minimum);
        }
    }

    static @Nullable ByteBuffer readOnly(@Nullable ByteBuffer buffer) {
        return buffer == null || buffer.isReadOnly() ? buffer : buffer.asReadOnlyBuffer();
    }

    /** Puts the checksum into the last four bytes, which are still free, and makes the buffer ready to be read. */
    static ByteBuffer seal(String group, ByteBuffer bytes) {
        ByteBuffer covered = bytes.duplicate().flip();
        return bytes.putInt(crc(group, covered)).flip();
    }

    static ByteBuffer unseal(String group, ByteBuffer sealed, String what, int minimumBytes) throws StorageException {
        if (sealed.remaining() < minimumBytes + SEAL_BYTES) {
            throw new StorageException.Corrupted("Group '" + group + "': the " + what + " has " + sealed.remaining()
                    + " bytes, fewer than " + (minimumBytes + SEAL_BYTES));
        }
        ByteBuffer covered = sealed.slice(sealed.position(), sealed.remaining() - SEAL_BYTES);
        int stored = sealed.getInt(sealed.limit() - SEAL_BYTES);
        int computed = crc(group, covered);
        sealed.position(sealed.limit());
        if (stored != computed) {
            throw new StorageException.Corrupted(String.format(
                    Locale.ROOT,
                    "Group '%s': the %s does not match its checksum: stored %08x, computed %08x",
                    group,
                    what,
                    stored,
                    computed));
        }
        return covered;
    }

    private static int crc(String group, ByteBuffer covered) {
        CRC32C crc = new CRC32C();
        crc.update(group.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
        crc.update(covered.duplicate());
        return (int) crc.getValue();
    }
}
