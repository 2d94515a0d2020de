// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What the storage says of itself in each change: {@code format:1 | storage id:16 | sequence:8 | number of the next group:4 | number of
 * groups:4 | CRC-32C:4}, big-endian.
 *
 * @param sequence number of the last change
 * @param nextGroup number that the next new group gets
 * @param groups how many groups there are, so that none can go missing unnoticed
 */
record StoreRecord(UUID storageId, long sequence, int nextGroup, int groups) {

    private static final byte FORMAT = 1;
    static final int BYTES = 1 + 16 + 8 + 4 + 4 + 4;

    ByteBuffer encode() {
        ByteBuffer record = ByteBuffer.allocate(BYTES);
        record.put(FORMAT)
                .putLong(storageId.getMostSignificantBits())
                .putLong(storageId.getLeastSignificantBits())
                .putLong(sequence)
                .putInt(nextGroup)
                .putInt(groups);
        return Sealed.seal(0, record);
    }

    static StoreRecord decode(ByteBuffer sealed) throws StorageException {
        ByteBuffer record = Sealed.open(0, sealed, "the store");
        byte format = record.get();
        if (format != FORMAT) {
            throw new StorageException.Refused("The store is of format " + format + ", and this version reads format "
                    + FORMAT + ". Open it with the version that wrote it, or a later one");
        }
        return new StoreRecord(
                new UUID(record.getLong(), record.getLong()), record.getLong(), record.getInt(), record.getInt());
    }

    /** Sequence of the record at the begin of these bytes; 0 if there is no whole one of this storage. */
    static long sequenceAt(ByteBuffer bytes, int at, UUID storageId) {
        boolean isOurs = bytes.getLong(at + 1) == storageId.getMostSignificantBits()
                && bytes.getLong(at + 1 + 8) == storageId.getLeastSignificantBits();
        try {
            return isOurs ? decode(bytes.slice(at, BYTES)).sequence() : 0;
        } catch (StorageException e) {
            return 0; // torn, as it may be
        }
    }
}
