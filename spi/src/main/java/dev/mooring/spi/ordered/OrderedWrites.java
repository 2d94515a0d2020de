// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What one transaction changes. Buffers given are read before the call returns. */
public interface OrderedWrites {

    /**
     * Stores a record, in place of one that has this key.
     *
     * @param key of 4 or 5 bytes
     * @param record any number of bytes
     * @throws IOException if the engine fails
     */
    void putRecord(ByteBuffer key, ByteBuffer record) throws IOException;

    /**
     * Deletes a record, if there is one of this key.
     *
     * @param key of 4 or 5 bytes
     * @throws IOException if the engine fails
     */
    void deleteRecord(ByteBuffer key) throws IOException;

    /**
     * Adds an entry behind all others of its group.
     *
     * @param group number of the group
     * @param entry whose index is above those of all entries of the group
     * @param highest whether no group has a higher number, so that nothing is stored behind it in the order of groups
     * @throws IOException if the engine fails
     */
    void append(int group, Entry entry, boolean highest) throws IOException;

    /**
     * Deletes the entries of a group whose index is from {@code first} on and below {@code end}, the lowest first.
     *
     * @param group number of the group
     * @param first at least 0
     * @param end {@link Long#MAX_VALUE} for all that follow
     * @param limit how many at most; {@link Long#MAX_VALUE} for all
     * @return how many were deleted; less than {@code limit} only if none is left there. An engine that deletes a range as
     *     such deletes all, whatever the limit, and need not count
     * @throws IOException if the engine fails
     */
    long deleteEntries(int group, long first, long end, long limit) throws IOException;

    /**
     * The whole log of a group goes: deletes the entries from {@code first} on. What lies below was released before, and is not
     * needed either: an engine that can delete everything at once does it here; else later changes delete it, a few each.
     *
     * @param group number of the group, which goes on
     * @param first at least 0
     * @throws IOException if the engine fails
     */
    default void deleteAll(int group, long first) throws IOException {
        deleteEntries(group, first, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * All entries of a group are to go, and its number will never be used again. An engine that can do so at once does it here;
     * else later changes delete them, a few each.
     *
     * @param group number of the group
     * @return whether none is left
     * @throws IOException if the engine fails
     */
    default boolean deleteLog(int group) throws IOException {
        return false;
    }
}
