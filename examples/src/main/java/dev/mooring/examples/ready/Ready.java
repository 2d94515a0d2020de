// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import dev.mooring.LogEntry;
import dev.mooring.spi.HardState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link MiniRaft} wants done, in this order: save snapshot, hard state and entries; send the messages; apply the
 * committed entries; say {@link MiniRaft#advance}.
 */
record Ready(
        @Nullable SentSnapshot snapshot,
        @Nullable HardState hardState,
        List<LogEntry> entries,
        List<Message> messages,
        List<LogEntry> committedEntries) {}
