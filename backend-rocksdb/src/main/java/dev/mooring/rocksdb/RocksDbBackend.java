// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

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
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** Every change is one write batch over both column families, and so one record of RocksDB's log and one sync. */
final class RocksDbBackend implements StorageBackend {

    private final OpenDatabase open;
    private final WriteOptions durable;
    private final Map<String, Group> groups = new ConcurrentHashMap<>();

    // a call into RocksDB after its close takes the JVM down: whoever calls holds the read side, close the write side
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    /*
     * A release waits here and is written with the next change. A record of its own, not forced, could be torn with a whole
     * one behind it; and files dropped before it is durable would be missing if it were lost.
     */
    private final Set<Group> released = new LinkedHashSet<>();

    private boolean failed; // nothing is written or forced any more
    private int nextGroup;
    private ByteBuffer value = ByteBuffer.allocateDirect(64 << 10);
    private final ByteBuffer key = ByteBuffer.allocateDirect(Keys.ENTRY_BYTES);

    RocksDbBackend(OpenDatabase open, boolean sync) {
        this.open = open;
        this.durable = new WriteOptions().setSync(sync);
    }

    @Override
    public Loaded load() throws IOException {
        return using("it can not be loaded", () -> {
            Loader.Header header = Loader.header(open);
            nextGroup = header.nextGroup();
            Map<String, GroupState> states = new HashMap<>();
            for (Map.Entry<Integer, Group.Loading> found : Loader.groups(open).entrySet()) {
                Group.Loading loading = found.getValue();
                String name = loading.name;
                if (name == null || found.getKey() >= nextGroup) {
                    throw open.damaged("group number " + found.getKey() + " has no name, or was never given");
                }
                GroupState state = loading.state();
                states.put(name, state);
                groups.put(name, new Group(found.getKey(), state.firstIndex(), state.lastIndex()));
            }
            return new Loaded(header.sequence(), states);
        });
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        change("change " + sequence + " can not be saved", batch -> {
            for (Update update : updates) {
                apply(batch, update);
            }
            putSequence(batch, sequence);
        });
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        change("the snapshot at " + snapshot.index() + " can not be saved", batch -> {
            Group group = apply(batch, update);
            if (group.isEmpty()) {
                group.begin(snapshot.index() + 1);
                batch.put(open.meta, Keys.meta(group.number, Keys.BOUNDS), array(group.bounds()));
            }
            batch.put(open.meta, Keys.meta(group.number, Keys.SNAPSHOT), array(snapshot.encode(update.group())));
            putSequence(batch, sequence);
        });
    }

    @Override
    public void releaseLock(String name, long index) {
        Group group = groups.get(name);
        if (group != null && index >= group.firstIndex) {
            group.firstIndex = index + 1;
            released.add(group);
        }
    }

    @Override
    public void read(String name, long first, long last, EntryVisitor visitor) throws IOException {
        Group group = groups.get(name);
        if (group == null) {
            return;
        }
        using("entries " + first + ".." + last + " of group '" + name + "' can not be read", () -> {
            EntryReader.read(open, group, first, last, visitor);
            return group;
        });
    }

    @Override
    public void drop(long sequence, String name) throws IOException {
        Group group = groups.get(name);
        if (group != null) {
            released.remove(group);
        }
        change("group '" + name + "' can not be dropped", batch -> {
            if (group != null) {
                batch.deleteRange(open.meta, Keys.meta(group.number, (byte) 0), Keys.meta(group.number, (byte) 0x7f));
                batch.deleteRange(open.log, Keys.entry(group.number, 0), Keys.entry(group.number + 1, 0));
            }
            putSequence(batch, sequence);
        });
        if (group != null) {
            groups.remove(name);
            using("space can not be given back", () -> {
                dropFiles(group, Long.MAX_VALUE);
                return group;
            });
        }
    }

    @Override
    public void close() throws IOException {
        use.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            try {
                if (failed) {
                    open.free(); // it was told what has failed
                } else {
                    closeWithReleases();
                }
            } finally {
                durable.close();
            }
        } catch (RocksDBException e) {
            throw Faults.explain(open.directory, "it can not be closed", e);
        } finally {
            use.writeLock().unlock();
        }
    }

    private void closeWithReleases() throws RocksDBException {
        try {
            if (!released.isEmpty()) {
                try (WriteBatch batch = new WriteBatch()) {
                    deleteReleased(batch);
                    open.database.write(durable, batch);
                }
            }
            open.database.syncWal(); // with sync=never nothing was
        } finally {
            open.close();
        }
    }

    // ---- changes ----

    private Group apply(WriteBatch batch, Update update) throws RocksDBException {
        String name = update.group();
        Group group = groups.get(name);
        if (group == null) {
            group = new Group(nextGroup++, 0, -1);
            groups.put(name, group);
            batch.put(open.meta, Keys.meta(group.number, Keys.NAME), name.getBytes(StandardCharsets.US_ASCII));
        }
        Long truncateFrom = update.truncateFrom();
        if (truncateFrom != null && truncateFrom <= group.lastIndex) {
            batch.deleteRange(
                    open.log, Keys.entry(group.number, truncateFrom), Keys.entry(group.number, group.lastIndex + 1));
            group.lastIndex = truncateFrom - 1;
        }
        for (Entry entry : update.entries()) {
            if (group.isEmpty()) {
                group.begin(entry.index());
            }
            put(batch, group, entry);
            group.lastIndex = entry.index();
        }
        batch.put(open.meta, Keys.meta(group.number, Keys.BOUNDS), array(group.bounds()));
        HardState hardState = update.hardState();
        if (hardState != null) {
            batch.put(open.meta, Keys.meta(group.number, Keys.HARD_STATE), array(hardState.encode(name)));
        }
        ByteBuffer attachment = update.attachment();
        if (attachment != null) {
            batch.put(open.meta, Keys.meta(group.number, Keys.ATTACHMENT), array(attachment));
        }
        return group;
    }

    private void put(WriteBatch batch, Group group, Entry entry) throws RocksDBException {
        int length = 8 + 4 + entry.payloadBytes();
        if (value.capacity() < length) {
            value = ByteBuffer.allocateDirect(Math.max(length, 2 * value.capacity()));
        }
        key.clear().putInt(group.number).putLong(entry.index()).flip();
        value.clear()
                .putLong(entry.term())
                .putInt(entry.checksum())
                .put(entry.payload())
                .flip();
        batch.put(open.log, key, value);
    }

    private void putSequence(WriteBatch batch, long sequence) throws RocksDBException {
        batch.put(
                open.meta,
                Keys.SEQUENCE,
                array(ByteBuffer.allocate(12)
                        .putLong(sequence)
                        .putInt(nextGroup)
                        .flip()));
    }

    private void change(String what, Filling filling) throws IOException {
        failed = true; // until it has succeeded
        using(what, () -> {
            try (WriteBatch batch = new WriteBatch()) {
                deleteReleased(batch);
                filling.fill(batch);
                open.database.write(durable, batch);
            }
            for (Group group : released) {
                dropFiles(group, group.deletedBelow);
            }
            released.clear();
            return what;
        });
        failed = false;
    }

    /** Comes first in a batch: what follows may begin a log again below what it had released. */
    private void deleteReleased(WriteBatch batch) throws RocksDBException {
        for (Group group : released) {
            batch.deleteRange(
                    open.log, Keys.entry(group.number, group.deletedBelow), Keys.entry(group.number, group.firstIndex));
            group.deletedBelow = group.firstIndex;
            batch.put(open.meta, Keys.meta(group.number, Keys.BOUNDS), array(group.bounds()));
        }
    }

    /** Drops whole files that hold nothing but what was deleted; compaction does the rest in its own time. */
    private void dropFiles(Group group, long below) throws RocksDBException {
        open.database.deleteFilesInRanges(
                open.log, List.of(Keys.entry(group.number, 0), Keys.entry(group.number, below)), false);
    }

    private <T> T using(String what, Call<T> call) throws IOException {
        use.readLock().lock();
        try {
            if (closed) {
                throw new StorageException.Failed(open.directory + " is closed; open the storage again");
            }
            return call.run();
        } catch (RocksDBException e) {
            throw Faults.explain(open.directory, what, e);
        } finally {
            use.readLock().unlock();
        }
    }

    private static byte[] array(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.duplicate().get(array);
        return array;
    }

    @FunctionalInterface
    private interface Call<T> {
        T run() throws IOException, RocksDBException;
    }

    @FunctionalInterface
    private interface Filling {
        void fill(WriteBatch batch) throws RocksDBException;
    }
}
