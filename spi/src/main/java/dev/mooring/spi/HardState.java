// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a Raft server must not forget between two messages (Raft, figure 2, persistent state), and the commit index.
 *
 * @param currentTerm latest term the server has seen, from 0
 * @param votedFor candidate that received the vote in currentTerm; null: has not voted in it
 * @param commitIndex highest index known to be committed; -1 if none
 */
public record HardState(long currentTerm, @Nullable String votedFor, long commitIndex) {

    /** Hard state of a server that has never heard of any term. */
    public static final HardState INITIAL = new HardState(0, null, -1);

    /** Largest name of a candidate, in bytes of UTF-8. */
    public static final int MAX_VOTED_FOR_BYTES = 1024;

    /**
     * Checks that numbers and the length of the vote are within their bounds.
     *
     * @param currentTerm latest term the server has seen, from 0
     * @param commitIndex highest index known to be committed; -1 if none
     * @param votedFor candidate that received the vote in currentTerm; null: has not voted in it
     */
    public HardState {
        Checks.atLeast(0, currentTerm, "currentTerm");
        Checks.atLeast(-1, commitIndex, "commitIndex");
        if (votedFor != null && votedFor.getBytes(StandardCharsets.UTF_8).length > MAX_VOTED_FOR_BYTES) {
            throw new IllegalArgumentException("votedFor has " + votedFor.getBytes(StandardCharsets.UTF_8).length
                    + " bytes in UTF-8, more than " + MAX_VOTED_FOR_BYTES);
        }
    }

    /**
     * {@return the record as bytes with a checksum: {@code currentTerm:8 | commitIndex:8 | length of votedFor, -1 for
     * null:4 | votedFor in UTF-8 | CRC-32C over the group's name and all of it:4}, big-endian}
     *
     * @param group name of the group; its checksum covers it, so that records of two groups can not be mistaken
     */
    public ByteBuffer encode(String group) {
        byte[] vote = votedFor == null ? new byte[0] : votedFor.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + 8 + 4 + vote.length + 4);
        bytes.putLong(currentTerm).putLong(commitIndex);
        bytes.putInt(votedFor == null ? -1 : vote.length).put(vote);
        return Checks.seal(group, bytes);
    }

    /**
     * Reads what {@link #encode} made for the same group; consumes the buffer.
     *
     * @param group name of the group; its checksum covers it, so that records of two groups can not be mistaken
     * @param encoded exactly the bytes of one record
     * @return the hard state, checked
     * @throws StorageException.Corrupted if a single bit differs
     */
    public static HardState decode(String group, ByteBuffer encoded) throws StorageException {
        ByteBuffer bytes = Checks.unseal(group, encoded, "hard state", 8 + 8 + 4);
        long currentTerm = bytes.getLong();
        long commitIndex = bytes.getLong();
        int length = bytes.getInt();
        if (length < -1 || (length != -1 && length != bytes.remaining()) || currentTerm < 0 || commitIndex < -1) {
            throw new StorageException.Corrupted("Group '" + group + "': the hard state can not be read: term "
                    + currentTerm + ", commit index " + commitIndex + ", length of the vote " + length);
        }
        byte[] vote = new byte[Math.max(0, length)];
        bytes.get(vote);
        return new HardState(currentTerm, length < 0 ? null : new String(vote, StandardCharsets.UTF_8), commitIndex);
    }
}
