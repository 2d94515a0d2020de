// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@link Oddity#RELEASES_LATE}. What empties a log or comes before a truncation or snapshot is handed on at once. */
final class ReleasingLate extends Wrapper {

    private static final int GATHERED = 16;

    private final Map<String, Long> lastIndexes = new HashMap<>();
    private final Map<String, Long> waiting = new TreeMap<>(); // highest index released, by group
    private int gathered;
    private boolean failed; // nothing is written any more

    ReleasingLate(StorageBackend wrapped) {
        super(wrapped);
    }

    @Override
    public Loaded load() throws IOException {
        Loaded loaded = super.load();
        loaded.groups().forEach((name, state) -> lastIndexes.put(name, state.lastIndex()));
        return loaded;
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        boolean done = false;
        try {
            for (Update update : updates) {
                if (update.truncateFrom() != null) {
                    release(update.group());
                }
            }
            super.saveEntries(sequence, updates);
            updates.forEach(this::note);
            done = true;
        } finally {
            failed |= !done;
        }
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        boolean done = false;
        try {
            release(update.group());
            super.saveSnapshot(sequence, update, snapshot);
            note(update);
            done = true;
        } finally {
            failed |= !done;
        }
    }

    private void note(Update update) {
        Long truncateFrom = update.truncateFrom();
        if (truncateFrom != null) {
            lastIndexes.put(update.group(), truncateFrom - 1);
        }
        if (!update.entries().isEmpty()) {
            lastIndexes.put(
                    update.group(),
                    update.entries().get(update.entries().size() - 1).index());
        }
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        waiting.merge(group, index, Math::max);
        if (index >= lastIndexes.getOrDefault(group, -1L)) {
            release(group);
        } else if (++gathered % GATHERED == 0) {
            releaseAll();
        }
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        waiting.remove(group);
        boolean done = false;
        try {
            super.drop(sequence, group);
            lastIndexes.remove(group);
            done = true;
        } finally {
            failed |= !done;
        }
    }

    private void release(String group) throws IOException {
        Long index = waiting.remove(group);
        if (index != null) {
            super.releaseLock(group, index);
        }
    }

    private void releaseAll() throws IOException {
        for (String group : List.copyOf(waiting.keySet())) {
            release(group);
        }
    }

    @Override
    public void close() throws IOException {
        if (!failed) {
            releaseAll();
        }
        super.close();
    }
}
