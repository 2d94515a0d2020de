// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.Entry;
import dev.mooring.spi.Update;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of messages. Those that say what the queue was doing are null rather than a failure of their own: the one that they
 * are about has to be told.
 */
final class Words {

    /** What to do about a group whose data is damaged. */
    static final String GROUP_REMEDY =
            "Keep a copy, drop the group and let this server join it again as a new member; only where no majority is whole,"
                    + " put back a backup of the whole directory";

    private static final int NAMED_GROUPS = 3;

    private Words() {}

    /** A batch: its groups and what of their logs it changes, a few of them by name. */
    static @Nullable String saving(List<Update> updates) {
        try {
            StringBuilder text = new StringBuilder("saving ");
            int named = Math.min(NAMED_GROUPS, updates.size());
            for (int i = 0; i < named; i++) {
                text.append(i == 0 ? "" : ", ").append(of(updates.get(i)));
            }
            int more = updates.size() - named;
            return more == 0
                    ? text.toString()
                    : text.append(", and ").append(more).append(" more").toString();
        } catch (RuntimeException | OutOfMemoryError e) {
            return null;
        }
    }

    static @Nullable String releasing(PendingReleases.Release release) {
        try {
            return "releasing group '" + release.log().name + "' entries up to " + release.index();
        } catch (OutOfMemoryError e) {
            return null;
        }
    }

    private static String of(Update update) {
        List<Entry> entries = update.entries();
        String group = "group '" + update.group() + "'";
        if (entries.isEmpty()) {
            return update.truncateFrom() == null ? group : group + " without entries from " + update.truncateFrom();
        }
        long first = entries.get(0).index();
        long last = entries.get(entries.size() - 1).index();
        return group + (first == last ? " entry " + first : " entries " + first + ".." + last);
    }
}
