// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.memory;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps copies of all it is given in maps. One lock guards everything, so a change is atomic by construction; a second one
 * makes close and drop wait for running reads.
 */
final class MemoryBackend implements StorageBackend {

    private final ReadWriteLock reads = new ReentrantReadWriteLock();
    private final Map<String, Group> groups = new HashMap<>();
    private long sequence;
    private boolean closed;

    @Override
    public synchronized Loaded load() throws IOException {
        checkOpen();
        Map<String, GroupState> states = new HashMap<>();
        groups.forEach((name, group) -> states.put(name, group.state()));
        return new Loaded(sequence, states);
    }

    @Override
    public synchronized void saveEntries(long newSequence, List<Update> updates) throws IOException {
        checkOpen();
        for (Update update : updates) {
            groups.computeIfAbsent(update.group(), name -> new Group()).apply(update);
        }
        sequence = newSequence;
    }

    @Override
    public synchronized void saveSnapshot(long newSequence, Update update, SnapshotPointer snapshot)
            throws IOException {
        checkOpen();
        Group group = groups.computeIfAbsent(update.group(), name -> new Group());
        group.apply(update);
        group.snapshot = snapshot;
        if (group.entries.isEmpty()) {
            group.firstIndex = snapshot.index() + 1;
        }
        sequence = newSequence;
    }

    @Override
    public synchronized void releaseLock(String name, long index) throws IOException {
        checkOpen();
        Group group = groups.get(name);
        if (group != null && index >= group.firstIndex) {
            group.entries.headMap(index, true).clear();
            group.firstIndex = index + 1;
        }
    }

    @Override
    public void read(String name, long first, long last, EntryVisitor visitor) throws IOException {
        reads.readLock().lock();
        try {
            for (long index = first; index <= last; index++) {
                Entry entry = entry(name, index);
                // stored entries never change, so a save may go on meanwhile
                if (entry == null || !visitor.visit(entry)) {
                    return;
                }
            }
        } finally {
            reads.readLock().unlock();
        }
    }

    @Override
    public void drop(long newSequence, String name) throws IOException {
        reads.writeLock().lock();
        try {
            forget(newSequence, name);
        } finally {
            reads.writeLock().unlock();
        }
    }

    @Override
    public void close() {
        reads.writeLock().lock();
        try {
            forgetAll();
        } finally {
            reads.writeLock().unlock();
        }
    }

    private synchronized void forget(long newSequence, String name) throws IOException {
        checkOpen();
        groups.remove(name);
        sequence = newSequence;
    }

    private synchronized void forgetAll() {
        closed = true;
        groups.clear();
    }

    private synchronized @Nullable Entry entry(String name, long index) throws IOException {
        checkOpen();
        Group group = groups.get(name);
        return group == null ? null : group.entries.get(index);
    }

    private void checkOpen() throws StorageException {
        if (closed) {
            throw new StorageException.Failed("The memory backend is closed, and what it held is gone");
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }

    private static final class Group {
        private HardState hardState = HardState.INITIAL;
        private @Nullable SnapshotPointer snapshot;
        private @Nullable ByteBuffer attachment;
        private final TreeMap<Long, Entry> entries = new TreeMap<>();
        private long firstIndex; // of an empty log: where the next entry goes, unless an update says otherwise

        private void apply(Update update) {
            if (update.truncateFrom() != null) {
                entries.tailMap(update.truncateFrom(), true).clear();
            }
            for (Entry entry : update.entries()) {
                if (entries.isEmpty()) {
                    firstIndex = entry.index();
                }
                entries.put(
                        entry.index(), new Entry(entry.index(), entry.term(), entry.checksum(), copy(entry.payload())));
            }
            if (update.hardState() != null) {
                hardState = update.hardState();
            }
            ByteBuffer attached = update.attachment();
            if (attached != null) {
                attachment = copy(attached);
            }
        }

        private GroupState state() {
            long lastIndex = entries.isEmpty() ? firstIndex - 1 : entries.lastKey();
            return new GroupState(hardState, snapshot, attachment, firstIndex, lastIndex);
        }
    }
}
