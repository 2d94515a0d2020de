// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads what is stored, without walking along the logs, and compares its parts with each other. */
final class Recovery {

    final Map<String, Group> groups = new HashMap<>();
    final Map<String, GroupState> states = new HashMap<>();

    /** What releases and drops have left behind. */
    final List<Leftover> leftovers = new ArrayList<>();

    private final Path directory;
    private final UUID storageId;
    private final Map<Integer, Group> byNumber = new HashMap<>();
    private final Map<Integer, ByteBuffer> attachments = new HashMap<>();
    private @Nullable StoreRecord store;

    private Recovery(BackendContext context) {
        this.directory = context.directory();
        this.storageId = context.storageId();
    }

    static Recovery of(OrderedReads reads, BackendContext context) throws IOException {
        Recovery recovery = new Recovery(context);
        reads.eachRecord(recovery::take);
        recovery.checkRecords();
        recovery.checkEntries(reads);
        return recovery;
    }

    StoreRecord store() throws StorageException {
        if (store == null) {
            throw damaged("the record of the store is missing");
        }
        return store;
    }

    private void take(ByteBuffer key, ByteBuffer record) throws StorageException {
        int number = Keys.number(key);
        if (number == 0 && Keys.isGroup(key)) {
            takeStore(record);
        } else if (number > 0 && Keys.isGroup(key)) {
            takeGroup(number, record);
        } else if (number > 0 && Keys.isAttachment(key)) {
            attachments.put(
                    number,
                    ByteBuffer.allocate(record.remaining())
                            .put(record.duplicate())
                            .flip());
        } else {
            throw damaged("a record of " + record.remaining() + " bytes belongs to nothing");
        }
    }

    private void takeStore(ByteBuffer record) throws StorageException {
        store = StoreRecord.decode(record);
        if (!store.storageId().equals(storageId)) {
            throw damaged("it belongs to the storage " + store.storageId() + ", not to " + storageId);
        }
    }

    private void takeGroup(int number, ByteBuffer record) throws StorageException {
        Group group = Group.decode(record);
        if (group.number() != number || number >= store().nextGroup()) {
            throw damaged("group '" + group.name() + "' has the number " + group.number() + ", and is stored as number "
                    + number + " of " + (store().nextGroup() - 1));
        }
        byNumber.put(number, group);
        groups.put(group.name(), group);
    }

    private void checkRecords() throws StorageException {
        if (groups.size() != store().groups()) {
            throw damaged(groups.size() + " groups are there, but there were " + store().groups());
        }
        for (Group group : groups.values()) {
            ByteBuffer attachment = attachments.remove(group.number());
            if (group.hasAttachment() != (attachment != null)) {
                throw damaged("group '" + group.name() + "': the attachment is "
                        + (attachment == null ? "missing" : "of no group that has one"));
            }
            states.put(
                    group.name(),
                    new GroupState(
                            group.hardState(), group.snapshot(), attachment, group.firstIndex(), group.lastIndex()));
        }
        if (!attachments.isEmpty()) {
            throw damaged("the attachments of the groups numbered " + attachments.keySet() + " belong to nothing");
        }
    }

    /** Finds the first and the last entry of every group, known or dropped. */
    private void checkEntries(OrderedReads reads) throws IOException {
        for (int number : reads.groupsWithEntries()) {
            Group group = byNumber.get(number);
            if (number < 1 || number >= store().nextGroup()) {
                throw damaged("there are entries of group number " + number + ", which was never given");
            }
            if (group == null || reads.firstIndex(number, 0) < group.firstIndex()) {
                leftovers.add(new Leftover(number, group == null ? "" : group.name()));
            }
        }
        for (Group group : groups.values()) {
            long first = reads.firstIndex(group.number(), group.firstIndex());
            long last = first < 0 ? -1 : reads.lastIndex(group.number());
            boolean fits = group.isEmpty() ? first < 0 : first == group.firstIndex() && last == group.lastIndex();
            if (!fits) {
                throw damaged("group '" + group.name() + "' has entries " + group.firstIndex() + ".."
                        + group.lastIndex() + ", but " + first + ".." + last + " are stored");
            }
        }
    }

    private StorageException.Corrupted damaged(String what) {
        return new StorageException.Corrupted(
                directory + ": what is stored does not fit together: " + what + Sealed.WHAT_TO_DO);
    }
}
