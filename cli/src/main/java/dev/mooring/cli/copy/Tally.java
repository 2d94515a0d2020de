// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.cli.terminal.Screen;
import java.io.IOException;

/** How much there is to do. */
public record Tally(int groups, long entries, int snapshots) {

    public static Tally of(RaftStorage storage) throws IOException {
        int groups = 0;
        long entries = 0;
        int snapshots = 0;
        for (String name : storage.groups()) {
            RaftGroup group = storage.group(name);
            groups++;
            entries += group.lastIndex() - group.firstIndex() + 1;
            snapshots += Retained.oldestFirst(group).size();
        }
        return new Tally(groups, entries, snapshots);
    }

    @Override
    public String toString() {
        return counted(groups, "group", "groups") + ", " + counted(entries, "entry", "entries") + " and "
                + counted(snapshots, "snapshot", "snapshots");
    }

    /** So many of something, in words. */
    public static String counted(long count, String one, String many) {
        return Screen.count(count) + " " + (count == 1 ? one : many);
    }
}
