// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.nio.ByteBuffer;

/**
 * One entry of a Raft log, as an engine sees it.
 *
 * @param index position in the log, from 0, 63 bits
 * @param term term in which a leader created it, from 0, 63 bits
 * @param payload opaque bytes from position to limit. Given to storage they belong to it and must not change any more;
 *     got from storage they are read-only and stay as they are
 */
public record LogEntry(long index, long term, ByteBuffer payload) {

    /**
     * {@return an entry over these bytes, which are not copied}
     *
     * @param index position in the log, from 0
     * @param term term in which a leader created it, from 0
     * @param payload belongs to the entry from now on and must not change
     */
    public static LogEntry of(long index, long term, byte[] payload) {
        return new LogEntry(index, term, ByteBuffer.wrap(payload));
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
}
