// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The names of an image in the making. Starts from shared maps and copies those that change. */
final class Directories {

    private final Map<Long, SortedMap<String, Long>> all;
    private final Set<Long> own = new HashSet<>();

    Directories(Map<Long, SortedMap<String, Long>> shared) {
        this.all = new HashMap<>(shared);
    }

    /** Hands out what it has become. A later change copies again. */
    Map<Long, SortedMap<String, Long>> share() {
        own.clear();
        return new HashMap<>(all);
    }

    void add(long directory) {
        all.put(directory, new TreeMap<>());
        own.add(directory);
    }

    // names are taken away only if they still lead to the node in question: an entry that is kept while an earlier one
    // was lost must not undo what another one did
    void apply(DiskEvent what) {
        if (what instanceof DiskEvent.Created created) {
            change(created.parent()).put(created.name(), created.node());
        } else if (what instanceof DiskEvent.Removed removed) {
            change(removed.parent()).remove(removed.name(), removed.node());
        } else if (what instanceof DiskEvent.Renamed renamed) {
            change(renamed.fromParent()).remove(renamed.fromName(), renamed.node());
            change(renamed.toParent()).put(renamed.toName(), renamed.node());
        }
    }

    private SortedMap<String, Long> change(long directory) {
        SortedMap<String, Long> entries = all.get(directory);
        if (entries == null || own.add(directory)) {
            entries = entries == null ? new TreeMap<>() : new TreeMap<>(entries);
            all.put(directory, entries);
            own.add(directory);
        }
        return entries;
    }
}
