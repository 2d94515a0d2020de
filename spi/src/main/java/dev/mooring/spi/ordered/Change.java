// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.io.IOException;
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
    final List<Leftover> newLeftovers = new ArrayList<>();
    final List<Leftover> goneLeftovers = new ArrayList<>();
    int nextGroup;

    private final OrderedWrites writes;
    private final Map<String, Group> before;
    private final int firstNew;
    private @Nullable String dropped;
    private long entriesAdded;

    Change(OrderedWrites writes, Map<String, Group> before, int nextGroup) {
        this.writes = writes;
        this.before = before;
        this.nextGroup = nextGroup;
        this.firstNew = nextGroup;
    }

    void apply(Update update) throws IOException {
        Group group = applied(update);
        put(group);
    }

    void apply(Update update, SnapshotPointer snapshot) throws IOException {
        Group group = applied(update).withSnapshot(snapshot);
        if (group.isEmpty()) {
            group = movedTo(group, snapshot.index() + 1);
        }
        put(group);
    }

    private void put(Group group) throws IOException {
        after.put(group.name(), group);
        writes.putRecord(Keys.group(group.number()), group.encode());
    }

    private Group applied(Update update) throws IOException {
        Group group = before.get(update.group());
        if (group == null) {
            group = Group.created(nextGroup++, update.group());
        }
        Long truncateFrom = update.truncateFrom();
        if (truncateFrom != null && truncateFrom <= group.lastIndex()) {
            group = truncated(group, truncateFrom);
        }
        group = append(group, update.entries());
        HardState hardState = update.hardState();
        if (hardState != null) {
            group = group.withHardState(hardState);
        }
        ByteBuffer attachment = update.attachment();
        if (attachment != null) {
            writes.putRecord(Keys.attachment(group.number()), attachment);
            group = group.withAttachment();
        }
        return group;
    }

    private Group truncated(Group group, long truncateFrom) throws IOException {
        if (truncateFrom <= group.firstIndex()) {
            writes.deleteAll(group.number(), group.firstIndex());
            return group.withBounds(group.firstIndex(), group.firstIndex() - 1);
        }
        writes.deleteEntries(group.number(), truncateFrom, Long.MAX_VALUE, Long.MAX_VALUE);
        return group.withBounds(group.firstIndex(), truncateFrom - 1);
    }

    private Group append(Group group, List<Entry> entries) throws IOException {
        if (entries.isEmpty()) {
            return group;
        }
        Group extended = group.isEmpty() ? movedTo(group, entries.get(0).index()) : group;
        boolean highest = group.number() == nextGroup - 1;
        for (Entry entry : entries) {
            writes.append(group.number(), entry, highest);
        }
        entriesAdded += entries.size();
        return extended.withBounds(
                extended.firstIndex(), entries.get(entries.size() - 1).index());
    }

    /** An empty log goes on at another index; if that lies further back, what it had released there has to go first. */
    private Group movedTo(Group empty, long firstIndex) throws IOException {
        if (firstIndex < empty.firstIndex()) {
            writes.deleteAll(empty.number(), firstIndex);
        }
        return empty.withBounds(firstIndex, firstIndex - 1);
    }

    void drop(String name) throws IOException {
        Group group = before.get(name);
        if (group != null) {
            writes.deleteRecord(Keys.group(group.number()));
            writes.deleteRecord(Keys.attachment(group.number()));
            if (!writes.deleteLog(group.number())) {
                newLeftovers.add(new Leftover(group.number(), name));
            }
            dropped = name;
        }
    }

    /** How many groups there are with this change. */
    int groups() {
        int created = nextGroup - firstNew;
        return before.size() + created - (dropped == null ? 0 : 1);
    }

    /** Deletes more leftovers than entries were added, so that disk use stays bounded. */
    void deleteLeftovers(Collection<Leftover> leftovers) throws IOException {
        long budget = LEFTOVERS_ALWAYS + 2 * entriesAdded;
        for (Leftover leftover : leftovers) {
            Group group = living(leftover);
            long end = group == null ? Long.MAX_VALUE : group.firstIndex();
            long deleted = writes.deleteEntries(leftover.number(), 0, end, budget);
            if (group != null) {
                put(group); // its first index has to be stored with the deletion
            }
            if (deleted < budget) {
                goneLeftovers.add(leftover);
            }
            budget -= deleted;
            if (budget == 0) {
                return;
            }
        }
    }

    private @Nullable Group living(Leftover leftover) {
        Group group = after.getOrDefault(leftover.name(), before.get(leftover.name()));
        return group == null || group.name().equals(dropped) || group.number() != leftover.number() ? null : group;
    }
}
