// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.List;

/** What happened to a disk, and what it held before. Immutable. */
public final class Recording {

    private final DiskImage mounted;
    private final List<DiskEvent> events;
    private final int inherited;
    private final DiskModel model;
    private final long seed;

    Recording(DiskImage mounted, List<DiskEvent> events, int inherited, DiskModel model, long seed) {
        this.mounted = mounted;
        this.events = events;
        this.inherited = inherited;
        this.model = model;
        this.seed = seed;
    }

    DiskImage mounted() {
        return mounted;
    }

    List<DiskEvent> events() {
        return events;
    }

    /** Number of events, which is also the last position at which power can fail. */
    public int length() {
        return events.size();
    }

    /** The position at which this mount began; what came before was done by the process that was killed. */
    public int begin() {
        return inherited;
    }

    /** What a power cut may do. */
    public DiskModel model() {
        return model;
    }

    /** The seed of the disk. */
    public long seed() {
        return seed;
    }

    /** The log as text, one line for each event. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < events.size(); i++) {
            text.append(i).append(' ').append(events.get(i)).append('\n');
        }
        return text.toString();
    }
}
