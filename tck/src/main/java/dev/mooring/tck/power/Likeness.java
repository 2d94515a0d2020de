// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.tck.model.Picture;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares states that may differ in releases: a crash may undo one. */
final class Likeness {

    private Likeness() {}

    /** What of {@code found} is neither as it was before some saves nor as it was after them; null if nothing. */
    static @Nullable String difference(Picture before, Picture after, Picture found) {
        Set<String> names = new HashSet<>(before.groups().keySet());
        names.addAll(after.groups().keySet());
        names.addAll(found.groups().keySet());
        for (String name : names) {
            Picture.Group group = found.group(name);
            if (!alike(before.group(name), group) && !alike(after.group(name), group)) {
                return "group '" + name + "' is " + brief(group) + ", was " + brief(before.group(name)) + ", then "
                        + brief(after.group(name));
            }
        }
        return null;
    }

    private static boolean alike(Picture.Group expected, Picture.Group found) {
        GroupState want = expected.state();
        GroupState have = found.state();
        return want.hardState().equals(have.hardState())
                && Objects.equals(want.snapshot(), have.snapshot())
                && Objects.equals(want.attachment(), have.attachment())
                && want.lastIndex() == have.lastIndex()
                && have.firstIndex() <= want.firstIndex()
                && tail(found.entries(), want.firstIndex()).equals(expected.entries());
    }

    private static List<Entry> tail(List<Entry> entries, long firstIndex) {
        int from = 0;
        while (from < entries.size() && entries.get(from).index() < firstIndex) {
            from++;
        }
        return entries.subList(from, entries.size());
    }

    private static String brief(Picture.Group group) {
        GroupState state = group.state();
        return state.firstIndex() + ".." + state.lastIndex() + " " + state.hardState() + " snapshot " + state.snapshot()
                + ", " + group.entries().size() + " entries read";
    }
}
