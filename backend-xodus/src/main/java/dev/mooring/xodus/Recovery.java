// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.GroupState;
import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads what the stores hold, without walking along the logs, and compares their parts with each other. */
final class Recovery {

    final StoreRecord store;
    final Map<String, Group> groups = new HashMap<>();
    final Map<String, GroupState> states = new HashMap<>();

    /** What releases have left behind. */
    final List<Leftover> leftovers = new ArrayList<>();

    private final Stores stores;

    private Recovery(Stores stores, StoreRecord store) {
        this.stores = stores;
        this.store = store;
    }

    static Recovery of(Stores stores, UUID storageId) throws StorageException {
        ByteBuffer record = stores.store();
        if (record == null) {
            throw damaged("the record of the store is missing");
        }
        StoreRecord store = StoreRecord.decode(record);
        if (!store.storageId().equals(storageId)) {
            throw damaged("the files belong to the storage " + store.storageId() + ", not to " + storageId);
        }
        Recovery recovery = new Recovery(stores, store);
        stores.eachGroup(recovery::readGroup);
        if (recovery.groups.size() != store.groups()) {
            throw damaged(recovery.groups.size() + " groups are there, but there were " + store.groups());
        }
        return recovery;
    }

    private void readGroup(ByteBuffer record) throws StorageException {
        Group group = Group.decode(record);
        if (group.number() < 1 || group.number() >= store.nextGroup()) {
            throw damaged("group '" + group.name() + "' has the number " + group.number() + ", which was never given");
        }
        groups.put(group.name(), group);
        states.put(
                group.name(),
                new GroupState(
                        group.hardState(), group.snapshot(), attachment(group), group.firstIndex(), group.lastIndex()));
        checkEnds(group);
    }

    private @Nullable ByteBuffer attachment(Group group) throws StorageException {
        if (!group.hasAttachment()) {
            return null;
        }
        ByteBuffer found = stores.attachment(group.number());
        if (found == null) {
            throw damaged("group '" + group.name() + "': the attachment is missing");
        }
        return found;
    }

    private void checkEnds(Group group) throws StorageException {
        EntryStore entries = stores.entries(group.number());
        long first = entries == null ? -1 : entries.first();
        long last = entries == null ? -1 : entries.last();
        boolean fits = group.isEmpty()
                ? last < group.firstIndex()
                : entries != null && last == group.lastIndex() && entries.holds(group.firstIndex());
        if (!fits) {
            throw damaged("group '" + group.name() + "' has entries " + group.firstIndex() + ".." + group.lastIndex()
                    + ", but " + first + ".." + last + " are stored");
        }
        if (first >= 0 && first < group.firstIndex()) {
            leftovers.add(new Leftover(group.number(), group.name()));
        }
    }

    private static StorageException.Corrupted damaged(String what) {
        return new StorageException.Corrupted("Xodus' files do not fit together: " + what + Faults.WHAT_TO_DO);
    }
}
