// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import dev.mooring.LogEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the servers of {@link MiniRaft} tell each other; one record for all kinds, as in etcd. */
record Message(
        Kind kind,
        int from,
        int to,
        long term,
        long index,
        long logTerm,
        long commitIndex,
        boolean granted,
        List<LogEntry> entries,
        @Nullable SentSnapshot snapshot) {

    enum Kind {
        VOTE,
        VOTE_REPLY,
        APPEND,
        APPEND_REPLY,
        SNAPSHOT
    }
}
