// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.GroupState;
import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads what the tree holds, without walking along the logs, and compares its parts with each other. */
final class Recovery {

    final StoreRecord store;
    final Map<String, Group> groups = new HashMap<>();
    final Map<String, GroupState> states = new HashMap<>();

    /** What releases and drops have left behind. */
    final List<Leftover> leftovers = new ArrayList<>();

    private final Tree tree;
    private final Map<Integer, Group> byNumber = new HashMap<>();

    private Recovery(Tree tree, StoreRecord store) {
        this.tree = tree;
        this.store = store;
    }

    static Recovery of(Tree tree, UUID storageId) throws StorageException {
        ByteBuffer record = tree.store();
        if (record == null) {
            throw damaged("the record of the store is missing");
        }
        StoreRecord store = StoreRecord.decode(record);
        if (!store.storageId().equals(storageId)) {
            throw damaged("the file belongs to the storage " + store.storageId() + ", not to " + storageId);
        }
        Recovery recovery = new Recovery(tree, store);
        recovery.readGroups();
        recovery.readEnds();
        return recovery;
    }

    private void readGroups() throws StorageException {
        int from = 1;
        for (ByteBuffer record = tree.groupFrom(from); record != null; record = tree.groupFrom(from)) {
            Group group = Group.decode(record);
            if (group.number() < from || group.number() >= store.nextGroup()) {
                throw damaged("group '" + group.name() + "' has the number " + group.number() + ", not one from " + from
                        + " to " + (store.nextGroup() - 1));
            }
            from = group.number() + 1;
            byNumber.put(group.number(), group);
            groups.put(group.name(), group);
            states.put(
                    group.name(),
                    new GroupState(
                            group.hardState(),
                            group.snapshot(),
                            attachment(group),
                            group.firstIndex(),
                            group.lastIndex()));
        }
        if (groups.size() != store.groups()) {
            throw damaged(groups.size() + " groups are there, but there were " + store.groups());
        }
    }

    private @Nullable ByteBuffer attachment(Group group) throws StorageException {
        if (!group.hasAttachment()) {
            return null;
        }
        ByteBuffer found = tree.attachment(group.number());
        if (found == null) {
            throw damaged("group '" + group.name() + "': the attachment is missing");
        }
        return ByteBuffer.allocate(found.remaining()).put(found).flip();
    }

    /** Finds the first and the last entry of every group, known or dropped. */
    private void readEnds() throws StorageException {
        for (int number = tree.nextGroup(1); number != 0; number = tree.nextGroup(number + 1)) {
            Group group = byNumber.get(number);
            if (number < 0 || number >= store.nextGroup()) {
                throw damaged("there are entries of group number " + number + ", which was never given");
            }
            if (group == null || tree.index() < group.firstIndex()) {
                leftovers.add(new Leftover(number, group == null ? "" : group.name()));
            }
        }
        for (Group group : groups.values()) {
            checkEnds(group);
        }
    }

    private void checkEnds(Group group) throws StorageException {
        boolean anyAbove = tree.seek(group.number(), group.firstIndex());
        if (group.isEmpty() ? anyAbove : !anyAbove || tree.index() != group.firstIndex()) {
            throw damaged("group '" + group.name() + "' has entries " + group.firstIndex() + ".." + group.lastIndex()
                    + ", but " + (anyAbove ? "entry " + tree.index() : "none") + " is the first");
        }
        if (!group.isEmpty() && (!tree.seekLast(group.number()) || tree.index() != group.lastIndex())) {
            throw damaged("group '" + group.name() + "' has entries " + group.firstIndex() + ".." + group.lastIndex()
                    + ", but entry " + tree.index() + " is the last");
        }
    }

    private static StorageException.Corrupted damaged(String what) {
        return new StorageException.Corrupted("LMDB's file does not fit together: " + what + Faults.WHAT_TO_DO);
    }
}
