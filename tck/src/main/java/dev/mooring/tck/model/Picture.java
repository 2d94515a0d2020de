// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.SnapshotPointer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All that a storage holds at one moment, read back through its own interface.
 *
 * @param sequence number of the last change; {@link #UNKNOWN_SEQUENCE} where the interface does not show it
 * @param groups by name
 */
public record Picture(long sequence, Map<String, Group> groups) {

    /** Stands for a sequence that the interface does not show; ids of snapshots are then the storage's own, too. */
    public static final long UNKNOWN_SEQUENCE = -1;

    /**
     * One group.
     *
     * @param state bounds, hard state, snapshot and attachment
     * @param entries all entries that a read from firstIndex to lastIndex visited, in that order
     */
    public record Group(GroupState state, List<Entry> entries) {
        /** A group that holds nothing. */
        public static final Group NEW = new Group(GroupState.NEW, List.of());

        private Group withoutSnapshotId() {
            SnapshotPointer pointer = state.snapshot();
            if (pointer == null) {
                return this;
            }
            SnapshotPointer anonymous = new SnapshotPointer(pointer.index(), pointer.term(), pointer.external(), 0);
            return new Group(
                    new GroupState(
                            state.hardState(), anonymous, state.attachment(), state.firstIndex(), state.lastIndex()),
                    entries);
        }
    }

    /** Which part of a state differs from what it must be. */
    public enum Part {
        GROUPS,
        SEQUENCE,
        HARD_STATE,
        SNAPSHOT,
        ATTACHMENT,
        BOUNDS,
        ENTRIES
    }

    /**
     * The first difference found.
     *
     * @param part what differs
     * @param text group, values expected and found
     */
    public record Difference(Part part, String text) {}

    public Picture {
        groups = new TreeMap<>(groups);
        if (sequence == UNKNOWN_SEQUENCE) {
            groups.replaceAll((name, group) -> group.withoutSnapshotId());
        }
    }

    /** How this, which is expected, differs from what was found; null if it does not. */
    public @Nullable Difference differenceTo(Picture found) {
        if (!groups.keySet().equals(found.groups.keySet())) {
            return new Difference(
                    Part.GROUPS, "the groups are " + brief(found.groups) + " instead of " + brief(groups));
        }
        for (String name : groups.keySet()) {
            Difference difference = difference(name, group(name), found.group(name));
            if (difference != null) {
                return difference;
            }
        }
        return sequence == found.sequence
                ? null
                : new Difference(Part.SEQUENCE, "the sequence is " + found.sequence + " instead of " + sequence);
    }

    /** The group of this name; {@link Group#NEW} if it holds nothing. */
    public Group group(String name) {
        return groups.getOrDefault(name, Group.NEW);
    }

    /** This, as an interface that shows as little as the other's would show it. */
    Picture asSeenLike(Picture other) {
        return other.sequence == UNKNOWN_SEQUENCE ? new Picture(UNKNOWN_SEQUENCE, groups) : this;
    }

    private static @Nullable Difference difference(String name, Group expected, Group found) {
        Difference difference = stateDifference(name, expected.state(), found.state());
        if (difference != null) {
            return difference;
        }
        GroupState want = expected.state();
        GroupState have = found.state();
        if (want.firstIndex() != have.firstIndex() || want.lastIndex() != have.lastIndex()) {
            return new Difference(Part.BOUNDS, of(name) + "the log is " + bounds(have) + " instead of " + bounds(want));
        }
        return entryDifference(name, expected.entries(), found.entries());
    }

    static @Nullable Difference stateDifference(String name, GroupState want, GroupState have) {
        if (!want.hardState().equals(have.hardState())) {
            return new Difference(
                    Part.HARD_STATE,
                    of(name) + "the hard state is " + have.hardState() + " instead of " + want.hardState());
        }
        if (!Objects.equals(want.snapshot(), have.snapshot())) {
            return new Difference(
                    Part.SNAPSHOT, of(name) + "the snapshot is " + have.snapshot() + " instead of " + want.snapshot());
        }
        if (!Objects.equals(want.attachment(), have.attachment())) {
            return new Difference(
                    Part.ATTACHMENT, of(name) + "the attachment is " + hex(have) + " instead of " + hex(want));
        }
        return null;
    }

    static @Nullable Difference entryDifference(String name, List<Entry> expected, List<Entry> found) {
        int common = Math.min(expected.size(), found.size());
        for (int i = 0; i < common; i++) {
            if (!expected.get(i).equals(found.get(i))) {
                return new Difference(
                        Part.ENTRIES,
                        of(name) + "read " + describe(found.get(i)) + " instead of " + describe(expected.get(i)));
            }
        }
        if (expected.size() != found.size()) {
            return new Difference(Part.ENTRIES, of(name) + "a read of " + range(expected) + " visited " + range(found));
        }
        return null;
    }

    /** Index, term, checksum and the first bytes of the payload, for messages. */
    public static String describe(Entry entry) {
        return String.format(
                Locale.ROOT,
                "entry %d (term %d, checksum %08x, %s)",
                entry.index(),
                entry.term(),
                entry.checksum(),
                Payloads.hex(entry.payload()));
    }

    static String bounds(GroupState state) {
        return state.firstIndex() > state.lastIndex()
                ? "empty at " + state.firstIndex()
                : state.firstIndex() + ".." + state.lastIndex();
    }

    private static String range(List<Entry> entries) {
        return entries.isEmpty()
                ? "no entries"
                : entries.size() + " entries, " + entries.get(0).index() + ".."
                        + entries.get(entries.size() - 1).index();
    }

    private static String brief(Map<String, Group> groups) {
        return groups.size() <= 12
                ? new TreeSet<>(groups.keySet()).toString()
                : groups.size() + " groups from " + new TreeSet<>(groups.keySet()).first();
    }

    private static String of(String name) {
        return "group '" + name + "': ";
    }

    private static String hex(GroupState state) {
        return state.attachment() == null ? "absent" : Payloads.hex(Objects.requireNonNull(state.attachment()));
    }
}
