// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.cli.terminal.ProgressDisplay;

/** Counts entries over all groups. */
final class Counter {

    private final ProgressDisplay progress;
    private long entries;

    Counter(ProgressDisplay progress) {
        this.progress = progress;
    }

    void add(long more) {
        entries += more;
        progress.reached(entries);
    }
}
