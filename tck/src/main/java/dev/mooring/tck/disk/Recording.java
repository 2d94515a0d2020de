// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

    /** {@return number of events, which is also the last position at which power can fail} */
    public int length() {
        return events.size();
    }

    /** {@return the position at which this mount began; what came before was done by the process that was killed} */
    public int begin() {
        return inherited;
    }

    /**
     * {@return the position just before a file was forced for the last time, so that what was written to it is at risk;
     * -1 if none was}
     *
     * @param part of the path of the file
     */
    public int lastForce(String part) {
        for (int i = events.size() - 1; i >= 0; i--) {
            DiskEvent event = events.get(i);
            boolean isForce =
                    (event instanceof DiskEvent.Forced forced && forced.path().contains(part))
                            || (event instanceof DiskEvent.Synced synced
                                    && synced.path().contains(part));
            if (isForce) {
                return i;
            }
        }
        return -1;
    }

    /**
     * {@return the number of the last call that was acknowledged before this position; 0 if none was}
     *
     * @param position number of an event, or {@link #length()}
     */
    public int acknowledgedAt(int position) {
        int last = 0;
        for (DiskEvent event : events.subList(0, position)) {
            last = event instanceof DiskEvent.Acknowledged acknowledged ? acknowledged.call() : last;
        }
        return last;
    }

    /**
     * {@return the number of the last call that had begun before this position; 0 if none had}
     *
     * @param position number of an event, or {@link #length()}
     */
    public int startedAt(int position) {
        int last = 0;
        for (DiskEvent event : events.subList(0, position)) {
            last = event instanceof DiskEvent.Started started ? started.call() : last;
        }
        return last;
    }

    /** {@return what a power cut may do} */
    public DiskModel model() {
        return model;
    }

    /** {@return the seed of the disk} */
    public long seed() {
        return seed;
    }

    /**
     * {@return files and directories that were forced again after a force of them had failed} The next process may do
     * so, once it has written them anew; before the end of the one that saw the failure this list has to be empty. A
     * directory in which something has changed since does not count: that goes out with all that is in it.
     */
    public List<String> forcedAgainAfterFailure() {
        Set<Long> failed = new HashSet<>();
        List<String> again = new ArrayList<>();
        for (DiskEvent event : events) {
            if (event instanceof DiskEvent.Forced forced) {
                add(forced.node(), forced.failed(), forced.path(), failed, again);
            } else if (event instanceof DiskEvent.DirectoryForced forced) {
                add(forced.node(), forced.failed(), forced.path(), failed, again);
            } else if (event instanceof DiskEvent.Created created) {
                failed.remove(created.parent());
            } else if (event instanceof DiskEvent.Removed removed) {
                failed.remove(removed.parent());
            } else if (event instanceof DiskEvent.Renamed renamed) {
                failed.remove(renamed.toParent());
            }
        }
        return again;
    }

    private static void add(long node, boolean fails, String path, Set<Long> failed, List<String> again) {
        if (failed.contains(node)) {
            again.add(path);
        }
        if (fails) {
            failed.add(node);
        }
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
