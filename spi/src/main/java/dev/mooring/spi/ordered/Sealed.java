// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Records end in a CRC-32C over their number and all of them: some engines return rotten bytes without a word. */
final class Sealed {

    static final String WHAT_TO_DO =
            ". Rebuild this server from its peers; only where no majority is whole, put the whole"
                    + " directory back from one backup";

    private static final int SEAL_BYTES = 4;

    private Sealed() {}

    /** Puts the checksum into the last four bytes, which are still free, and makes the record ready to be read. */
    static ByteBuffer seal(int number, ByteBuffer record) {
        return record.putInt(checksum(number, record.duplicate().flip())).flip();
    }

    /** The record without its checksum. */
    static ByteBuffer open(int number, ByteBuffer sealed, String what) throws StorageException {
        int length = sealed.remaining() - SEAL_BYTES;
        if (length < 0 || sealed.getInt(sealed.position() + length) != checksum(number, body(sealed, length))) {
            throw new StorageException.Corrupted("The record of " + what + ", " + sealed.remaining()
                    + " bytes, does not match its checksum" + WHAT_TO_DO);
        }
        return body(sealed, length);
    }

    private static ByteBuffer body(ByteBuffer sealed, int length) {
        return sealed.slice(sealed.position(), length);
    }

    private static int checksum(int number, ByteBuffer covered) {
        CRC32C crc = new CRC32C();
        for (int shift = 24; shift >= 0; shift -= 8) {
            crc.update(number >>> shift);
        }
        crc.update(covered);
        return (int) crc.getValue();
    }
}
