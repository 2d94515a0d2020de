// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The verbs of {@link dev.mooring.spi.StorageBackend} over plain maps: the contract on one page. It keeps released entries
 * aside, because a crash may bring them back. For use by one thread.
 */
public final class Model implements Target<RuntimeException> {

    private final NavigableMap<String, Group> groups = new TreeMap<>();
    private long sequence;

    @Override
    public void saveEntries(long newSequence, List<Update> updates) {
        for (Update update : updates) {
            groupFor(update.group()).apply(update);
        }
        sequence = newSequence;
    }

    @Override
    public void saveSnapshot(long newSequence, Update update, SnapshotPointer pointer) {
        Group group = groupFor(update.group());
        group.apply(update);
        group.snapshot = pointer;
        if (group.entries.isEmpty()) {
            group.firstIndex = pointer.index() + 1;
            group.released.clear();
        }
        sequence = newSequence;
    }

    @Override
    public void releaseLock(String name, long index) {
        Group group = groupFor(name);
        NavigableMap<Long, Entry> gone = group.entries.headMap(index, true);
        group.released.putAll(gone);
        gone.clear();
        group.firstIndex = index + 1;
    }

    @Override
    public void drop(long newSequence, String name) {
        groups.remove(name);
        sequence = newSequence;
    }

    /** Changes nothing: what is saved survives. */
    @Override
    public void reopen() {}

    /** Number of the last change. */
    public long sequence() {
        return sequence;
    }

    /** State of this group; {@link GroupState#NEW} if it holds nothing. */
    public GroupState state(String name) {
        Group group = groups.get(name);
        return group == null ? GroupState.NEW : group.state();
    }

    /** The entry at this index, null if the log does not hold it. */
    public @Nullable Entry entry(String name, long index) {
        Group group = groups.get(name);
        return group == null ? null : group.entries.get(index);
    }

    /** Names of the groups that hold anything, in order. */
    public List<String> groups() {
        return List.copyOf(groups.keySet());
    }

    /** Everything a storage must hold now. */
    public Picture picture() {
        Map<String, Picture.Group> pictures = new TreeMap<>();
        groups.forEach((name, group) ->
                pictures.put(name, new Picture.Group(group.state(), new ArrayList<>(group.entries.values()))));
        return new Picture(sequence, pictures);
    }

    /**
     * What was released and not yet covered by an emptied log, by index: a crash may undo a release, so that these
     * entries are there again.
     */
    public NavigableMap<Long, Entry> released(String name) {
        Group group = groups.get(name);
        return group == null ? new TreeMap<>() : new TreeMap<>(group.released);
    }

    /** Takes back a release down to the index that a recovered storage reports, after a crash. */
    public void undoRelease(String name, long firstIndex) {
        Group group = groupFor(name);
        if (firstIndex < group.firstIndex) {
            NavigableMap<Long, Entry> back = group.released.tailMap(firstIndex, true);
            group.entries.putAll(back);
            back.clear();
            group.firstIndex = firstIndex;
        }
    }

    private Group groupFor(String name) {
        return groups.computeIfAbsent(name, unused -> new Group());
    }

    private static final class Group {
        private HardState hardState = HardState.INITIAL;
        private @Nullable SnapshotPointer snapshot;
        private @Nullable ByteBuffer attachment;
        private final NavigableMap<Long, Entry> entries = new TreeMap<>();
        private final NavigableMap<Long, Entry> released = new TreeMap<>();
        private long firstIndex; // of an empty log: where the next entry goes

        private void apply(Update update) {
            if (update.truncateFrom() != null) {
                entries.tailMap(update.truncateFrom(), true).clear();
            }
            for (Entry entry : update.entries()) {
                if (entries.isEmpty()) {
                    firstIndex = entry.index();
                }
                entries.put(entry.index(), entry);
            }
            if (update.hardState() != null) {
                hardState = update.hardState();
            }
            if (update.attachment() != null) {
                attachment = update.attachment();
            }
        }

        private GroupState state() {
            long lastIndex = entries.isEmpty() ? firstIndex - 1 : entries.lastKey();
            return new GroupState(hardState, snapshot, attachment, firstIndex, lastIndex);
        }
    }
}
