// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.nio.ByteBuffer;

/**
 * Names a snapshot without holding its bytes, which are files kept by the core or by the engine.
 *
 * @param index index of the last entry the snapshot covers (Raft's lastIncludedIndex), from 0
 * @param term term of that entry (lastIncludedTerm); -1 if the engine does not know it
 * @param external true if the engine keeps the bytes, false if the core does
 * @param id number given by the core; no two snapshots that are there at the same time have the same
 */
public record SnapshotPointer(long index, long term, boolean external, long id) {

    /**
     * Checks that index, term and id are within their bounds.
     *
     * @param index index of the last entry the snapshot covers (Raft's lastIncludedIndex), from 0
     * @param term term of that entry (lastIncludedTerm); -1 if the engine does not know it
     * @param id number given by the core; no two snapshots that are there at the same time have the same
     * @param external true if the engine keeps the bytes, false if the core does
     */
    public SnapshotPointer {
        Checks.atLeast(0, index, "index");
        Checks.atLeast(-1, term, "term");
        Checks.atLeast(0, id, "id");
    }

    /**
     * {@return the record as bytes with a checksum: {@code index:8 | term:8 | id:8 | external:1 | CRC-32C over the
     * group's name and all of it:4}, big-endian}
     *
     * @param group name of the group; its checksum covers it, so that records of two groups can not be mistaken
     */
    public ByteBuffer encode(String group) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + 8 + 8 + 1 + 4);
        bytes.putLong(index).putLong(term).putLong(id).put((byte) (external ? 1 : 0));
        return Checks.seal(group, bytes);
    }

    /**
     * Reads what {@link #encode} made for the same group; consumes the buffer.
     *
     * @param group name of the group; its checksum covers it, so that records of two groups can not be mistaken
     * @param encoded exactly the bytes of one record
     * @return the pointer, checked
     * @throws StorageException.Corrupted if a single bit differs
     */
    public static SnapshotPointer decode(String group, ByteBuffer encoded) throws StorageException {
        ByteBuffer bytes = Checks.unseal(group, encoded, "snapshot pointer", 8 + 8 + 8 + 1);
        long index = bytes.getLong();
        long term = bytes.getLong();
        long id = bytes.getLong();
        byte external = bytes.get();
        if (index < 0 || term < -1 || id < 0 || external < 0 || external > 1 || bytes.hasRemaining()) {
            throw new StorageException.Corrupted("Group '" + group + "': the snapshot pointer can not be read: index "
                    + index + ", term " + term + ", id " + id + ", external " + external);
        }
        return new SnapshotPointer(index, term, external == 1, id);
    }
}
