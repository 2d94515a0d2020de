// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change of one group. Null leaves alone what is stored.
 *
 * @param group name of the group, 1 to 64 of {@code [A-Za-z0-9._-]}; it comes into being with its first update
 * @param truncateFrom deletes the entry with this index and all above it, before the entries are added; null deletes
 *     nothing
 * @param entries consecutive; empty adds nothing. All payloads of one change have at most {@code mooring.max-update-bytes}
 *     together, which is 1 GiB at most
 * @param hardState replaces the stored one as a whole
 * @param attachment replaces the stored one as a whole; at most {@value #MAX_ATTACHMENT_BYTES} bytes
 */
public record Update(
        String group,
        @Nullable Long truncateFrom,
        List<Entry> entries,
        @Nullable HardState hardState,
        @Nullable ByteBuffer attachment) {

    /** Largest attachment a backend is given, in bytes: an engine's 64 KiB and the core's checksum. */
    public static final int MAX_ATTACHMENT_BYTES = 64 * 1024 + 16;

    /**
     * Checks truncateFrom, and makes the attachment read-only.
     *
     * @param group name of the group; it comes into being with its first update
     * @param truncateFrom deletes the entry with this index and all above it, before the entries are added; null
     *     deletes nothing
     * @param entries consecutive; empty adds nothing
     * @param hardState replaces the stored one as a whole
     * @param attachment replaces the stored one as a whole; at most {@value #MAX_ATTACHMENT_BYTES} bytes
     */
    public Update {
        if (truncateFrom != null) {
            Checks.atLeast(0, truncateFrom, "truncateFrom");
        }
        attachment = Checks.readOnly(attachment);
    }

    /** {@return the attachment, as a view whose position the caller may move; null leaves the stored one alone} */
    @Override
    public @Nullable ByteBuffer attachment() {
        return attachment == null ? null : attachment.duplicate();
    }
}
