// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a record of a frame says about one group; entries only by where they are. */
sealed interface Change {

    /** Name of the group. */
    String group();

    /**
     * An update as the engine gave it. Null leaves alone what is stored.
     *
     * @param truncateFrom deletes this index and all above it
     * @param restartAt the log is empty before the entries are added, and begins here: what replay would otherwise keep was
     *     released, which it need not know
     */
    record Updated(
            String group,
            @Nullable Long truncateFrom,
            @Nullable Long restartAt,
            @Nullable HardState hardState,
            @Nullable ByteBuffer attachment,
            @Nullable SnapshotPointer snapshot,
            @Nullable EntryRun entries)
            implements Change {}

    /** Entries that live on, repeated here because their former segment is to be freed. */
    record Moved(String group, EntryRun entries) implements Change {}

    /** The group is gone. */
    record Dropped(String group) implements Change {}

    /** Line of a checkpoint: all there is to know of a group but where its entries are. */
    record Existing(
            String group,
            HardState hardState,
            @Nullable ByteBuffer attachment,
            @Nullable SnapshotPointer snapshot,
            long firstIndex,
            long lastIndex)
            implements Change {}
}
