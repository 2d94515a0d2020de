// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A backend over an {@link OrderedEngine}. Every change is one transaction. A release is written with the next change, and its
 * entries go with later ones, so that neither a release nor a drop holds anybody up.
 */
public final class OrderedBackend implements StorageBackend {

    /** Length of what {@link #highestSequence} looks for. */
    public static final int SEQUENCE_RECORD_BYTES = StoreRecord.BYTES;

    private final OrderedEngine engine;
    private final BackendContext context;

    // replaced by each change once it is durable; read by readers at any time
    private final Map<String, Group> groups = new ConcurrentHashMap<>();

    // ---- of the one writer ----
    private final Set<Leftover> leftovers = new LinkedHashSet<>();
    private final Set<String> releasedInMemory = new HashSet<>();
    private int nextGroup;
    private boolean whole; // loaded, and nothing has failed since
    private boolean closed;

    /**
     * Touches nothing yet.
     *
     * @param context of this storage
     * @param engine open; closed by this backend
     */
    public OrderedBackend(BackendContext context, OrderedEngine engine) {
        this.context = context;
        this.engine = engine;
    }

    /** {@return the key of the record that every change replaces, which {@link #highestSequence} reads} */
    public static ByteBuffer sequenceKey() {
        return Keys.store();
    }

    /**
     * Finds the records of changes in bytes that an engine would give up as torn. A change is begun only when the one before
     * it is durable: where change n is found, change n - 1 was acknowledged.
     *
     * @param bytes looked at from position to limit
     * @param storageId identity of the storage
     * @return number of the highest change with a whole record there; 0 if there is none
     */
    public static long highestSequence(ByteBuffer bytes, UUID storageId) {
        long highest = 0;
        for (int at = bytes.position(); at <= bytes.limit() - StoreRecord.BYTES; at++) {
            highest = Math.max(highest, StoreRecord.sequenceAt(bytes, at, storageId));
        }
        return highest;
    }

    @Override
    public synchronized Loaded load() throws IOException {
        if (engine.isNew()) {
            StoreRecord first = new StoreRecord(context.storageId(), 0, 1, 0);
            engine.change("it can not be initialised", 0, writes -> writes.putRecord(Keys.store(), first.encode()));
        }
        Recovery found = engine.read("it can not be loaded", reads -> Recovery.of(reads, context));
        StoreRecord store = found.store();
        engine.loaded(store.sequence());
        groups.putAll(found.groups);
        leftovers.addAll(found.leftovers);
        nextGroup = store.nextGroup();
        whole = true;
        return new Loaded(store.sequence(), found.states);
    }

    @Override
    public synchronized void saveEntries(long sequence, List<Update> updates) throws IOException {
        change("change " + sequence + " can not be saved", sequence, updates, change -> {
            for (Update update : updates) {
                change.apply(update);
            }
        });
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
        Visit visit = new Visit(visitor);
        try {
            engine.read("entries " + first + ".." + last + " of group '" + name + "' can not be read", reads -> {
                Group group = groups.get(name);
                if (group != null && first >= group.firstIndex()) {
                    reads.read(group.number(), first, last, visit);
                }
                return name; // an entry that is not there: the core decides whether it was released or truncated
            });
        } catch (IOException | RuntimeException e) {
            visit.rethrow();
            throw e;
        }
    }

    @Override
    public synchronized void drop(long sequence, String name) throws IOException {
        Group group = groups.get(name);
        change("group '" + name + "' can not be dropped", sequence, List.of(), change -> change.drop(name));
        if (group != null) {
            groups.remove(name);
            releasedInMemory.remove(name);
            engine.awaitReaders();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (whole && !releasedInMemory.isEmpty()) {
                whole = false;
                engine.change("releases can not be saved", 0, this::putReleases);
                whole = true;
            }
        } finally {
            boolean ended = whole;
            whole = false;
            engine.close(ended);
        }
    }

    private void putReleases(OrderedWrites writes) throws IOException {
        for (String name : releasedInMemory) {
            Group group = groups.get(name);
            if (group != null) {
                writes.putRecord(Keys.group(group.number()), group.encode());
            }
        }
    }

    private void change(String what, long sequence, List<Update> updates, Filling filling) throws IOException {
        if (!whole) {
            throw new StorageException.Failed(context.directory()
                    + ": nothing more is written, for an earlier change failed or it was closed; open it again");
        }
        whole = false; // until it is known to be durable
        Change[] written = new Change[1];
        engine.change(what, bytesOf(updates), writes -> {
            Change change = new Change(writes, groups, nextGroup);
            filling.fill(change);
            change.deleteLeftovers(leftovers);
            StoreRecord store = new StoreRecord(context.storageId(), sequence, change.nextGroup, change.groups());
            writes.putRecord(Keys.store(), store.encode());
            written[0] = change;
        });
        whole = true;
        Change change = written[0];
        groups.putAll(change.after);
        releasedInMemory.removeAll(change.after.keySet());
        change.goneLeftovers.forEach(leftovers::remove);
        leftovers.addAll(change.newLeftovers);
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

    /** Puts one change into a transaction. */
    @FunctionalInterface
    private interface Filling {
        void fill(Change change) throws IOException;
    }

    /** Tells an exception of the visitor's from one of the engine's. */
    private static final class Visit implements EntryVisitor {
        private final EntryVisitor visitor;
        private @Nullable RuntimeException thrown;

        Visit(EntryVisitor visitor) {
            this.visitor = visitor;
        }

        @Override
        public boolean visit(Entry entry) throws IOException {
            try {
                return visitor.visit(entry);
            } catch (RuntimeException e) {
                thrown = e;
                throw e;
            }
        }

        void rethrow() {
            if (thrown != null) {
                throw thrown;
            }
        }
    }
}
