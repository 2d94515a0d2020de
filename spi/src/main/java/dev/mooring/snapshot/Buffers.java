// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Direct buffers for reading and writing, kept for the next user: the JVM frees one only when it collects garbage, so one
 * for every file of a snapshot of many would pile up.
 */
final class Buffers {

    /** Large enough that a system call costs nothing beside what it moves; a multiple of the block. */
    static final int BUFFER_BYTES = 4 * Blocks.BLOCK_BYTES;

    private static final int MAX_IDLE = 8;

    private final ArrayDeque<ByteBuffer> idle = new ArrayDeque<>();

    /** An empty buffer, the taker's alone until it is released. */
    synchronized ByteBuffer take() {
        ByteBuffer buffer = idle.poll();
        return buffer == null ? ByteBuffer.allocateDirect(BUFFER_BYTES) : buffer.clear();
    }

    /** Gives back a buffer that nobody uses any more. */
    synchronized void release(ByteBuffer buffer) {
        if (idle.size() < MAX_IDLE) {
            idle.push(buffer);
        }
    }
}
