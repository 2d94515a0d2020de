// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * State of one group without its entries.
 *
 * @param hardState the last one saved; {@link HardState#INITIAL} if none ever was
 * @param snapshot the newest pointer, null if none
 * @param attachment the last one saved, null if none
 * @param firstIndex index of the oldest entry held. If the log is empty, where it began: a truncation that empties it
 *     does not move that
 * @param lastIndex index of the newest entry held; firstIndex - 1 if the log is empty
 */
public record GroupState(
        HardState hardState,
        @Nullable SnapshotPointer snapshot,
        @Nullable ByteBuffer attachment,
        long firstIndex,
        long lastIndex) {

    /** A group that nothing was ever saved to: its log is empty and begins at 0. */
    public static final GroupState NEW = new GroupState(HardState.INITIAL, null, null, 0, -1);

    /**
     * Checks the bounds, and makes the attachment read-only.
     *
     * @param hardState the last one saved; {@link HardState#INITIAL} if none ever was
     * @param snapshot the newest pointer, null if none
     * @param firstIndex index of the oldest entry held
     * @param lastIndex index of the newest entry held; firstIndex - 1 if the log is empty
     * @param attachment the last one saved, null if none
     */
    public GroupState {
        Checks.atLeast(0, firstIndex, "firstIndex");
        Checks.atLeast(firstIndex - 1, lastIndex, "lastIndex");
        attachment = Checks.readOnly(attachment);
    }

    /** {@return the attachment, as a view whose position the caller may move; null if none} */
    @Override
    public @Nullable ByteBuffer attachment() {
        return attachment == null ? null : attachment.duplicate();
    }
}
