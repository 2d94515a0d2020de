// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

/**
 * Consecutive entries that stand side by side in one segment.
 *
 * <p>An entry is {@code term:8 | checksum:4 | length:4 | payload}. Its index follows from its position in the run, and its
 * checksum, made by the core, covers that index and the group.
 */
final class EntryRun {

    /** Bytes before the payload of an entry. */
    static final int ENTRY_BYTES = 16;

    final long firstIndex;
    final int[] payloadBytes;

    /** Offset of the first entry in its segment; not known before the run is written. */
    long offset;

    EntryRun(long firstIndex, int[] payloadBytes, long offset) {
        this.firstIndex = firstIndex;
        this.payloadBytes = payloadBytes;
        this.offset = offset;
    }

    long lastIndex() {
        return firstIndex + payloadBytes.length - 1;
    }

    /** Bytes of an entry with what stands before its payload. */
    static long bytesOf(int payloadBytes) {
        return (long) ENTRY_BYTES + payloadBytes;
    }

    /** Bytes of the entries with what stands before their payloads. */
    long bytes() {
        long bytes = 0;
        for (int payload : payloadBytes) {
            bytes += bytesOf(payload);
        }
        return bytes;
    }
}
