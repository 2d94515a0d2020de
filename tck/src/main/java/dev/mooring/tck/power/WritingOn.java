// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is saved behind what a crash left: of every group found one more entry, and a new group. */
final class WritingOn {

    private static final int MOST_GROUPS = 5; // of a crowd, so that the budget goes to its recovery

    private WritingOn() {}

    /**
     * Saves it, closes and opens.
     *
     * @param found all that the session holds
     * @return all that it holds then, which is what was found and what was saved
     */
    static Picture goOn(Subject.Session session, Picture found) throws IOException {
        long sequence = Math.max(0, found.sequence());
        Map<String, Picture.Group> expected = new TreeMap<>(found.groups());
        for (Update update : updates(found, sequence + 1)) {
            session.saveEntries(++sequence, List.of(update));
            expected.put(update.group(), after(found.group(update.group()), update));
        }
        session.reopen();
        Picture continued = session.picture();
        Picture written = new Picture(continued.sequence(), expected);
        String difference = Likeness.difference(written, written, continued);
        if (difference != null) {
            throw new AssertionError("went on after the crash, closed and opened again, and " + difference);
        }
        return continued;
    }

    private static List<Update> updates(Picture found, long firstSequence) {
        List<Update> updates = new ArrayList<>();
        for (String name : found.groups().keySet()) {
            if (updates.size() < MOST_GROUPS) {
                updates.add(update(name, found.group(name).state(), firstSequence + updates.size()));
            }
        }
        String name = unused(found);
        List<Entry> entries = Payloads.run(name, 1, 2, 3, 700, firstSequence + updates.size());
        updates.add(new Update(name, null, entries, new HardState(3, null, -1), null));
        return updates;
    }

    /** What a second crash left may hold the new group of the recovery before it. */
    private static String unused(Picture found) {
        String name = "new";
        for (int i = 2; found.groups().containsKey(name); i++) {
            name = "new" + i;
        }
        return name;
    }

    /** Replaces the newest entry where it may be replaced. */
    private static Update update(String name, GroupState state, long sequence) {
        HardState old = state.hardState();
        SnapshotPointer snapshot = state.snapshot();
        long untouchable = Math.max(old.commitIndex(), snapshot == null ? -1 : snapshot.index());
        boolean replaces = state.lastIndex() > untouchable && state.lastIndex() > state.firstIndex();
        long first = replaces ? state.lastIndex() : state.lastIndex() + 1;
        HardState hardState = new HardState(old.currentTerm() + 1, "n9", old.commitIndex());
        List<Entry> entries = Payloads.run(name, first, 1, old.currentTerm() + 1, 600, sequence + 77);
        return new Update(name, replaces ? first : null, entries, hardState, null);
    }

    private static Picture.Group after(Picture.Group group, Update update) {
        long first = update.entries().get(0).index();
        List<Entry> entries = new ArrayList<>(group.entries());
        entries.removeIf(entry -> entry.index() >= first);
        long firstIndex = entries.isEmpty() ? first : group.state().firstIndex();
        entries.addAll(update.entries());
        HardState saved = update.hardState();
        GroupState state = new GroupState(
                saved == null ? group.state().hardState() : saved,
                group.state().snapshot(),
                group.state().attachment(),
                firstIndex,
                first + update.entries().size() - 1);
        return new Picture.Group(state, entries);
    }
}
