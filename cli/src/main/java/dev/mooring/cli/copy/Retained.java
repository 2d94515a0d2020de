// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.RaftGroup;
import dev.mooring.spi.SnapshotPointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The snapshots of a group that storage keeps. */
public final class Retained {

    private Retained() {}

    /** Those of a source that its copy gets, oldest first: all, unless entries are missing behind one of them. */
    public static List<SnapshotPointer> oldestFirst(RaftGroup group) throws IOException {
        List<SnapshotPointer> own = new ArrayList<>(group.snapshots());
        Collections.reverse(own);
        long beforeLog = group.firstIndex() - 1;
        if (own.stream().noneMatch(snapshot -> snapshot.index() == beforeLog)) {
            // the snapshot that the log begins behind was removed by hand: with older ones nobody can do anything
            own.removeIf(snapshot -> snapshot.index() < beforeLog);
        }
        return own;
    }
}
