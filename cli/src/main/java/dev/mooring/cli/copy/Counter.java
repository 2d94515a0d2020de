// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.Snapshot;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;

/** Counts entries over all groups, and tells of snapshots that take a while. */
public final class Counter {

    private static final long LARGE_BYTES = 16L << 20;

    private final Screen screen;
    private final ProgressDisplay progress;
    private long entries;

    public Counter(Screen screen, ProgressDisplay progress) {
        this.screen = screen;
        this.progress = progress;
    }

    public void add(long more) {
        entries += more;
        progress.reached(entries);
    }

    /** The copying or verifying of this snapshot begins. */
    public void snapshot(String task, String group, Snapshot snapshot) {
        long bytes =
                snapshot.files().values().stream().mapToLong(Long::longValue).sum();
        if (bytes >= LARGE_BYTES) {
            screen.line(
                    task + " the snapshot at " + snapshot.index() + " of group '" + group + "', " + Screen.size(bytes));
        }
    }
}
