// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.HardState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A backend for tests of the core: keeps its contents in this provider over close and reopen, and lets a test hold a save
 * still, fail it, damage what is stored, and count what reached it.
 */
final class KeptInMemory implements StorageProvider {

    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger releases = new AtomicInteger();
    final List<Integer> savedGroups = new ArrayList<>(); // groups in each save
    volatile Semaphore gate; // a save takes one permit
    final Semaphore arrivals = new Semaphore(0); // a save gives one when it begins
    volatile IOException failNext;
    volatile IOException failAfter; // once the next snapshot or drop is stored
    volatile IOException failLoad;
    volatile IOException failRelease; // once it has taken a permit of the gate below
    final Semaphore releaseGate = new Semaphore(0);
    volatile boolean wrapsWhatAVisitorThrows;

    private final Map<UUID, Contents> kept = new HashMap<>();

    static final class Contents {
        long sequence;
        final Map<String, Group> groups = new TreeMap<>();
    }

    static final class Group {
        HardState hardState = HardState.INITIAL;
        SnapshotPointer snapshot;
        ByteBuffer attachment;
        final TreeMap<Long, Entry> entries = new TreeMap<>();
        long firstIndex;
    }

    /** The contents of the only storage. */
    synchronized Contents contents() {
        return kept.values().iterator().next();
    }

    @Override
    public String name() {
        return "kept";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public Guarantees guarantees(Options options) {
        return new Guarantees(Durability.POWER_LOSS, true);
    }

    @Override
    public synchronized StorageBackend open(BackendContext context) {
        return new Backend(kept.computeIfAbsent(context.storageId(), id -> new Contents()));
    }

    private final class Backend implements StorageBackend {
        private final Contents contents;

        Backend(Contents contents) {
            this.contents = contents;
        }

        @Override
        public Loaded load() throws IOException {
            if (failLoad != null) {
                throw failLoad;
            }
            synchronized (contents) {
                Map<String, GroupState> states = new HashMap<>();
                contents.groups.forEach((name, group) -> states.put(
                        name,
                        new GroupState(
                                group.hardState,
                                group.snapshot,
                                group.attachment,
                                group.firstIndex,
                                group.entries.isEmpty() ? group.firstIndex - 1 : group.entries.lastKey())));
                return new Loaded(contents.sequence, states);
            }
        }

        @Override
        public void saveEntries(long sequence, List<Update> updates) throws IOException {
            begin();
            synchronized (contents) {
                check(sequence);
                updates.forEach(this::apply);
                contents.sequence = sequence;
                savedGroups.add(updates.size());
            }
        }

        @Override
        public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
            begin();
            synchronized (contents) {
                check(sequence);
                Group group = apply(update);
                group.snapshot = snapshot;
                if (group.entries.isEmpty()) {
                    group.firstIndex = snapshot.index() + 1;
                }
                contents.sequence = sequence;
            }
            end();
        }

        @Override
        public void releaseLock(String name, long index) throws IOException {
            IOException failure = failRelease;
            if (failure != null) {
                arrivals.release();
                releaseGate.acquireUninterruptibly();
                throw failure;
            }
            synchronized (contents) {
                Group group = contents.groups.get(name);
                group.entries.headMap(index, true).clear();
                group.firstIndex = index + 1;
            }
            releases.incrementAndGet();
        }

        @Override
        public void read(String name, long first, long last, EntryVisitor visitor) throws IOException {
            reads.incrementAndGet();
            for (long index = first; index <= last; index++) {
                Entry entry;
                synchronized (contents) {
                    Group group = contents.groups.get(name);
                    entry = group == null ? null : group.entries.get(index);
                }
                if (entry == null || !visit(visitor, entry)) {
                    return;
                }
            }
        }

        private boolean visit(EntryVisitor visitor, Entry entry) throws IOException {
            try {
                return visitor.visit(entry);
            } catch (IOException e) {
                throw wrapsWhatAVisitorThrows ? new IOException("while reading " + entry.index(), e) : e;
            }
        }

        @Override
        public void drop(long sequence, String name) throws IOException {
            begin();
            synchronized (contents) {
                check(sequence);
                contents.groups.remove(name);
                contents.sequence = sequence;
            }
            end();
        }

        @Override
        public void close() {}

        private void begin() throws IOException {
            arrivals.release();
            Semaphore held = gate;
            if (held != null) {
                held.acquireUninterruptibly();
            }
            IOException failing = failNext;
            if (failing != null) {
                failNext = null;
                throw failing;
            }
        }

        private void end() throws IOException {
            IOException failing = failAfter;
            if (failing != null) {
                failAfter = null;
                throw failing;
            }
        }

        private void check(long sequence) {
            if (sequence != contents.sequence + 1) {
                throw new IllegalStateException("sequence " + sequence + " after " + contents.sequence);
            }
        }

        private Group apply(Update update) {
            Group group = contents.groups.computeIfAbsent(update.group(), name -> new Group());
            if (update.truncateFrom() != null) {
                group.entries.tailMap(update.truncateFrom(), true).clear();
            }
            for (Entry entry : update.entries()) {
                if (group.entries.isEmpty()) {
                    group.firstIndex = entry.index();
                } else if (entry.index() != group.entries.lastKey() + 1) {
                    throw new IllegalStateException("gap before " + entry.index());
                }
                group.entries.put(entry.index(), entry);
            }
            if (update.hardState() != null) {
                group.hardState = update.hardState();
            }
            if (update.attachment() != null) {
                group.attachment = update.attachment();
            }
            return group;
        }
    }
}
