// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.util.List;

/** Work after a recovery. */
final class GoOn {

    private GoOn() {}

    /** Appends one durable entry to every group there is. */
    static void withOneEntryEach(RaftStorage storage) throws IOException {
        for (String name : storage.groups()) {
            RaftGroup group = storage.group(name);
            long next = group.lastIndex() + 1;
            byte[] payload = Payloads.bytes(next, 100);
            group.saveEntries(
                    null, List.of(LogEntry.of(next, group.termAndVote().currentTerm(), payload)));
        }
    }
}
