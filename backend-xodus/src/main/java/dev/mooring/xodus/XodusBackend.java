// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.Repair;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every change is one transaction. A release is written with the next change, and its entries go with later ones. Called by one
 * thread only.
 */
final class XodusBackend implements StorageBackend {

    private final OpenEnvironment environment;
    private final BackendContext context;
    private final Map<String, Group> groups = new HashMap<>();
    private final Set<Leftover> leftovers = new LinkedHashSet<>();
    private final Set<String> releasedInMemory = new HashSet<>();
    private int nextGroup = 1;
    private boolean whole; // loaded, and nothing has failed since
    private boolean closed;

    XodusBackend(OpenEnvironment environment, BackendContext context) {
        this.environment = environment;
        this.context = context;
    }

    @Override
    public Loaded load() throws IOException {
        if (environment.layout.isNew) {
            environment.change("it can not be initialised", stores -> {
                stores.putStore(new StoreRecord(context.storageId(), 0, 1, 0));
                return stores;
            });
            environment.layout.write(context.storageId());
        }
        Recovery found = environment.read("it can not be loaded", stores -> Recovery.of(stores, context.storageId()));
        confirm(found.store.sequence());
        groups.putAll(found.groups);
        leftovers.addAll(found.leftovers);
        nextGroup = found.store.nextGroup();
        whole = true;
        environment.startCleaning();
        return new Loaded(found.store.sequence(), found.states);
    }

    /** Lets Xodus cut off what it took for torn, but only if no acknowledged change goes with it. */
    private void confirm(long sequence) throws IOException {
        List<LogWriter.Cut> cuts = environment.writer.cuts();
        // a change was begun, so the one before it was durable
        long later = TornTail.highestSequence(cuts, context.storageId()) - 1;
        long acknowledged = Math.max(context.provenSequence(), later);
        if (!cuts.isEmpty() && sequence < acknowledged) {
            throw StorageException.Corrupted.at(
                    cuts.get(0).file(),
                    offsetOf(cuts.get(0)),
                    "from here on Xodus finds no whole change. What comes before it ends at change " + sequence
                            + ", but change " + acknowledged + " was acknowledged. Nothing was cut off"
                            + Faults.WHAT_TO_DO);
        }
        environment.writer.confirm();
        if (!context.endedCleanly()) {
            StableFile.forceTree(environment.directory());
        }
        for (LogWriter.Cut cut : cuts) {
            context.report(new Repair(
                    cut.file(),
                    offsetOf(cut),
                    "a torn last change was cut off; nothing proves that it was ever acknowledged. What is left ends at"
                            + " change " + sequence));
        }
    }

    private static long offsetOf(LogWriter.Cut cut) {
        Long lengthBytes = cut.lengthBytes();
        return lengthBytes == null ? 0 : lengthBytes;
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        change("change " + sequence + " can not be saved", sequence, change -> updates.forEach(change::apply));
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        change(
                "the snapshot of group '" + update.group() + "' at " + snapshot.index() + " can not be saved",
                sequence,
                change -> change.apply(update, snapshot));
    }

    @Override
    public void releaseLock(String name, long index) {
        Group group = groups.get(name);
        if (group != null && index >= group.firstIndex()) {
            groups.put(name, group.withBounds(index + 1, Math.max(index, group.lastIndex())));
            leftovers.add(new Leftover(group.number(), name));
            releasedInMemory.add(name);
        }
    }

    @Override
    public void read(String name, long first, long last, EntryVisitor visitor) throws IOException {
        Group group = groups.get(name);
        if (group == null || first < group.firstIndex()) {
            return;
        }
        VisitorOf own = new VisitorOf(visitor);
        try {
            environment.read("entries " + first + ".." + last + " of group '" + name + "' can not be read", stores -> {
                EntryStore entries = stores.entries(group.number());
                if (entries != null) {
                    entries.read(first, last, own);
                }
                return stores;
            });
        } catch (IOException e) {
            own.rethrow();
            throw e;
        }
    }

    @Override
    public void drop(long sequence, String name) throws IOException {
        change("group '" + name + "' can not be dropped", sequence, change -> change.drop(name));
        groups.remove(name);
        releasedInMemory.remove(name);
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (whole && !releasedInMemory.isEmpty()) {
                whole = false;
                environment.change("releases can not be saved", stores -> {
                    releasedInMemory.stream().map(groups::get).forEach(stores::putGroup);
                    return stores;
                });
                whole = true;
            }
        } finally {
            environment.close(whole);
        }
    }

    private void change(String what, long sequence, Consumer<Change> changes) throws IOException {
        if (!whole) {
            throw new StorageException.Failed(environment.directory() + ": an earlier change failed; open it again");
        }
        whole = false; // until it is known to be durable
        Change change = environment.change(what, stores -> {
            Change written = new Change(stores, groups, nextGroup);
            changes.accept(written);
            written.deleteLeftovers(leftovers);
            stores.putStore(new StoreRecord(context.storageId(), sequence, written.nextGroup, written.groups()));
            return written;
        });
        whole = true;
        groups.putAll(change.after);
        releasedInMemory.removeAll(change.after.keySet());
        change.goneLeftovers.forEach(leftovers::remove);
        nextGroup = change.nextGroup;
    }

    /** Tells an exception of the visitor's from one of Xodus'. */
    private static final class VisitorOf implements EntryVisitor {
        private final EntryVisitor visitor;
        private @Nullable RuntimeException thrown;

        VisitorOf(EntryVisitor visitor) {
            this.visitor = visitor;
        }

        @Override
        public boolean visit(dev.mooring.spi.Entry entry) throws IOException {
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
