// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32C;

/** An attachment as backends keep it: {@code the engine's bytes | CRC-32C over the group's name, a zero byte and them:4}. */
final class SealedAttachment {

    private static final int CHECKSUM_BYTES = 4;

    private SealedAttachment() {}

    static ByteBuffer seal(String group, ByteBuffer attachment) {
        ByteBuffer sealed = ByteBuffer.allocate(attachment.remaining() + CHECKSUM_BYTES);
        sealed.put(attachment.duplicate());
        sealed.putInt(checksum(group, sealed.duplicate().flip()));
        return sealed.flip().asReadOnlyBuffer();
    }

    static ByteBuffer unseal(String group, ByteBuffer sealed) throws StorageException {
        int length = sealed.remaining() - CHECKSUM_BYTES;
        if (length < 0) {
            throw new StorageException.Corrupted(
                    "Group '" + group + "': the attachment has " + sealed.remaining()
                            + " bytes, fewer than its checksum. Rebuild this server from its peers; only where no majority is whole, put back a backup");
        }
        ByteBuffer attachment = ByteBuffer.allocate(length);
        attachment.put(sealed.slice(sealed.position(), length)).flip();
        int stored = sealed.getInt(sealed.position() + length);
        int computed = checksum(group, attachment.duplicate());
        if (stored != computed) {
            throw new StorageException.Corrupted(String.format(
                    Locale.ROOT,
                    "Group '%s': the attachment does not match its checksum: stored %08x, computed %08x."
                            + " Rebuild this server from its peers; only where no majority is whole, put back a backup",
                    group,
                    stored,
                    computed));
        }
        return attachment.asReadOnlyBuffer();
    }

    private static int checksum(String group, ByteBuffer attachment) {
        CRC32C crc = new CRC32C();
        crc.update(group.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
        crc.update(attachment);
        return (int) crc.getValue();
    }
}
