// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One change while it is written into a transaction; what it makes of the groups counts once that is committed. */
final class Change {

    private static final long LEFTOVERS_ALWAYS = 64;

    final Map<String, Group> after = new HashMap<>();
    final List<Leftover> goneLeftovers = new ArrayList<>();
    int nextGroup;

    private final Stores stores;
    private final Map<String, Group> before;
    private final int firstNew;
    private @Nullable String dropped;
    private long entriesAdded;

    Change(Stores stores, Map<String, Group> before, int nextGroup) {
        this.stores = stores;
        this.before = before;
        this.nextGroup = nextGroup;
        this.firstNew = nextGroup;
    }

    void apply(Update update) {
        Group group = applied(update);
        after.put(group.name(), group);
        stores.putGroup(group);
    }

    void apply(Update update, SnapshotPointer snapshot) {
        Group group = applied(update).withSnapshot(snapshot);
        if (group.isEmpty()) {
            group = movedTo(group, snapshot.index() + 1);
        }
        after.put(group.name(), group);
        stores.putGroup(group);
    }

    private Group applied(Update update) {
        Group group = before.get(update.group());
        if (group == null) {
            group = Group.created(nextGroup++, update.group());
        }
        Long truncateFrom = update.truncateFrom();
        if (truncateFrom != null && truncateFrom <= group.lastIndex()) {
            group = truncated(group, Math.max(truncateFrom, group.firstIndex()));
        }
        group = append(group, update.entries());
        HardState hardState = update.hardState();
        if (hardState != null) {
            group = group.withHardState(hardState);
        }
        ByteBuffer attachment = update.attachment();
        if (attachment != null) {
            stores.putAttachment(group.number(), attachment);
            group = group.withAttachment();
        }
        return group;
    }

    private Group truncated(Group group, long from) {
        if (from == group.firstIndex()) {
            stores.deleteEntries(group.number()); // with what it had released
        } else {
            stores.entriesToChange(group.number()).delete(from, group.lastIndex() + 1, Long.MAX_VALUE);
        }
        return group.withBounds(group.firstIndex(), from - 1);
    }

    private Group append(Group group, List<Entry> entries) {
        if (entries.isEmpty()) {
            return group;
        }
        Group extended = group.isEmpty() ? movedTo(group, entries.get(0).index()) : group;
        EntryStore log = stores.entriesToChange(group.number());
        entries.forEach(log::append);
        entriesAdded += entries.size();
        return extended.withBounds(
                extended.firstIndex(), entries.get(entries.size() - 1).index());
    }

    /** An empty log goes on at another index; if that lies further back, what it had released has to go first. */
    private Group movedTo(Group empty, long firstIndex) {
        if (firstIndex < empty.firstIndex()) {
            stores.deleteEntries(empty.number());
        }
        return empty.withBounds(firstIndex, firstIndex - 1);
    }

    void drop(String name) {
        Group group = before.get(name);
        if (group != null) {
            stores.deleteGroup(group.number());
            dropped = name;
        }
    }

    /** How many groups there are with this change. */
    int groups() {
        int created = nextGroup - firstNew;
        return before.size() + created - (dropped == null ? 0 : 1);
    }

    /** Deletes more leftovers than entries were added, so that disk use stays bounded. */
    void deleteLeftovers(Collection<Leftover> leftovers) {
        long budget = LEFTOVERS_ALWAYS + 2 * entriesAdded;
        for (Leftover leftover : leftovers) {
            long deleted = delete(leftover, budget);
            if (deleted < budget) {
                goneLeftovers.add(leftover);
            }
            budget -= deleted;
            if (budget == 0) {
                return;
            }
        }
    }

    private long delete(Leftover leftover, long budget) {
        Group group = after.getOrDefault(leftover.name(), before.get(leftover.name()));
        if (group == null || group.number() != leftover.number() || group.name().equals(dropped)) {
            return 0; // it went with its store
        }
        EntryStore log = stores.entries(group.number());
        long first = log == null ? -1 : log.first();
        if (log == null || first < 0 || first >= group.firstIndex()) {
            return 0;
        }
        long deleted = log.delete(first, group.firstIndex(), budget);
        stores.putGroup(group); // its first index has to be stored with the deletion
        after.put(group.name(), group);
        return deleted;
    }
}
