// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Collects live entries that move out of old segments. Those of a group that follow on each other share one record: it
 * names the group once, however many saves they came with.
 */
final class Moves {

    private final List<Outgoing.Move> ended = new ArrayList<>();
    private final Map<String, Joined> open = new LinkedHashMap<>(); // by group

    /** Entries of one group without a gap. */
    private record Joined(List<Outgoing.Move.Piece> pieces) {

        boolean isFollowedBy(EntryRun run) {
            return pieces.get(pieces.size() - 1).run().lastIndex() + 1 == run.firstIndex;
        }

        Outgoing.Move move(String group) {
            int[] payloadBytes = pieces.stream()
                    .flatMapToInt(piece -> IntStream.of(piece.run().payloadBytes))
                    .toArray();
            long firstIndex = pieces.get(0).run().firstIndex;
            return new Outgoing.Move(new Change.Moved(group, new EntryRun(firstIndex, payloadBytes, 0)), pieces);
        }
    }

    /** Adds entries that stand side by side in this file. */
    void add(String group, EntryRun live, StableFile source) {
        Joined joined = open.get(group);
        if (joined != null && !joined.isFollowedBy(live)) {
            ended.add(joined.move(group));
            joined = null;
        }
        if (joined == null) {
            joined = new Joined(new ArrayList<>());
            open.put(group, joined);
        }
        joined.pieces().add(new Outgoing.Move.Piece(source, live));
    }

    /** The records, those of each group in the order in which their entries were added. */
    List<Outgoing.Move> toList() {
        List<Outgoing.Move> all = new ArrayList<>(ended);
        open.forEach((group, joined) -> all.add(joined.move(group)));
        return all;
    }
}
