// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Every change is one write transaction. A release is written with the next change, and its entries go with later ones. */
final class LmdbBackend implements StorageBackend {

    private final Environment environment;
    private final UUID storageId;

    // replaced by each change once it is durable; read by readers at any time
    private final Map<String, Group> groups = new ConcurrentHashMap<>();

    // ---- of the one writer ----
    private final Set<Leftover> leftovers = new LinkedHashSet<>();
    private final Set<String> releasedInMemory = new HashSet<>();
    private int nextGroup;
    private boolean failed;
    private boolean closed;

    LmdbBackend(Environment environment, UUID storageId) {
        this.environment = environment;
        this.storageId = storageId;
    }

    @Override
    public synchronized Loaded load() throws IOException {
        if (environment.isNew()) {
            StoreRecord first = new StoreRecord(storageId, 0, 1, 0);
            environment.change("it can not be initialised", 0, tree -> tree.putStore(first));
        }
        Recovery found = environment.read("it can not be loaded", tree -> Recovery.of(tree, storageId));
        groups.putAll(found.groups);
        leftovers.addAll(found.leftovers);
        nextGroup = found.store.nextGroup();
        return new Loaded(found.store.sequence(), found.states);
    }

    @Override
    public synchronized void saveEntries(long sequence, List<Update> updates) throws IOException {
        change("change " + sequence + " can not be saved", sequence, updates, change -> updates.forEach(change::apply));
    }

    @Override
    public synchronized void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        change(
                "the snapshot of group '" + update.group() + "' at " + snapshot.index() + " can not be saved",
                sequence,
                List.of(update),
                change -> change.apply(update, snapshot));
    }

    @Override
    public synchronized void releaseLock(String name, long index) {
        Group group = groups.get(name);
        if (group != null && index >= group.firstIndex()) {
            groups.put(name, group.withBounds(index + 1, Math.max(index, group.lastIndex())));
            leftovers.add(new Leftover(group.number(), name));
            releasedInMemory.add(name);
        }
    }

    @Override
    public void read(String name, long first, long last, EntryVisitor visitor) throws IOException {
        environment.read("entries " + first + ".." + last + " of group '" + name + "' can not be read", tree -> {
            Group group = groups.get(name);
            if (group == null || first < group.firstIndex()) {
                return name;
            }
            long index = first;
            for (boolean found = tree.seek(group.number(), first);
                    found && index <= last && tree.index() == index;
                    found = tree.next(group.number())) {
                if (!visitor.visit(tree.entry())) {
                    return name;
                }
                index++;
            }
            return name; // an entry that is not there: the core decides whether a release or truncation took it away
        });
    }

    @Override
    public synchronized void drop(long sequence, String name) throws IOException {
        Group group = groups.get(name);
        change("group '" + name + "' can not be dropped", sequence, List.of(), change -> change.drop(name));
        if (group != null) {
            groups.remove(name);
            releasedInMemory.remove(name);
            leftovers.add(new Leftover(group.number(), name));
            environment.awaitReaders();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!failed && !releasedInMemory.isEmpty()) {
                environment.change(
                        "releases can not be saved",
                        0,
                        tree -> releasedInMemory.stream().map(groups::get).forEach(tree::putGroup));
            }
        } finally {
            environment.close();
        }
    }

    private void change(String what, long sequence, List<Update> updates, Consumer<Change> changes) throws IOException {
        if (failed) {
            throw new StorageException.Failed(environment.directory() + ": an earlier change failed; open it again");
        }
        failed = true; // until it is known to be durable
        Change[] written = new Change[1];
        environment.change(what, bytesOf(updates), tree -> {
            Change change = new Change(tree, groups, nextGroup);
            changes.accept(change);
            change.deleteLeftovers(leftovers);
            tree.putStore(new StoreRecord(storageId, sequence, change.nextGroup, change.groups()));
            written[0] = change;
        });
        failed = false;
        Change change = written[0];
        groups.putAll(change.after);
        releasedInMemory.removeAll(change.after.keySet());
        change.goneLeftovers.forEach(leftovers::remove);
        nextGroup = change.nextGroup;
    }

    private static long bytesOf(List<Update> updates) {
        long bytes = 0;
        for (Update update : updates) {
            for (Entry entry : update.entries()) {
                bytes += entry.payloadBytes();
            }
        }
        return bytes;
    }
}
