// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.jspecify.annotations.Nullable;

/**
 * An entry that the log shows already and storage has yet to get.
 *
 * @param write completes once the state machine has written its part; null if it has none
 * @param gate what storage must not get the entry before; null if it need not wait
 */
record TakenEntry(
        LogEntryProto entry,
        @Nullable CompletableFuture<?> write,
        @Nullable CompletableFuture<?> gate) {

    long index() {
        return entry.getIndex();
    }

    /**
     * Cuts entries of one request into what is saved together: an entry with a gate by itself, so that it can be truncated,
     * or be covered by a snapshot, without those beside it; what lies between such entries in one piece.
     */
    static List<List<TakenEntry>> savedTogether(List<TakenEntry> request) {
        List<List<TakenEntry>> pieces = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < request.size(); i++) {
            boolean last = i + 1 == request.size();
            if (last || request.get(i).gate != null || request.get(i + 1).gate != null) {
                pieces.add(request.subList(from, i + 1));
                from = i + 1;
            }
        }
        return pieces;
    }
}
