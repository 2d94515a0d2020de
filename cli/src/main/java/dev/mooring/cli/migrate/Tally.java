// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import java.io.IOException;

/** How much there is to do. */
record Tally(int groups, long entries) {

    static Tally of(RaftStorage storage) throws IOException {
        int groups = 0;
        long entries = 0;
        for (String name : storage.groups()) {
            RaftGroup group = storage.group(name);
            groups++;
            entries += group.lastIndex() - group.firstIndex() + 1;
        }
        return new Tally(groups, entries);
    }
}
