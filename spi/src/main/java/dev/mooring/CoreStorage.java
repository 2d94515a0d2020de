// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.directory.DataDirectory;
import dev.mooring.snapshot.SnapshotFiles;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Durability;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An open storage: puts directory, backend, queue and groups together, and takes them apart again. */
final class CoreStorage implements RaftStorage {

    private static final System.Logger LOG = System.getLogger(RaftStorage.class.getName());

    private final ChosenBackend chosen;
    private final Limits limits;
    private final DataDirectory directory;
    private final StorageBackend backend;
    private final SnapshotFiles snapshotFiles;
    private final StorageObserver observer;
    private final Callbacks callbacks;
    private final MarkKeeper marks;
    private final CommitQueue queue;
    private final OpenHandles handles = new OpenHandles();
    private final AtomicLong lastSnapshotId;
    private final Map<String, CoreGroup> groups = new ConcurrentHashMap<>();
    private final Map<String, StorageException.Corrupted> damaged;

    private final Object closing = new Object();
    private @Nullable Thread closer;
    private boolean closed;

    /** What the configuration says of sizes. */
    private record Limits(long maxPayloadBytes, long maxUpdateBytes, long queueBytes, int retain) {}

    private CoreStorage(
            ChosenBackend chosen,
            Limits limits,
            DataDirectory directory,
            StorageBackend backend,
            SnapshotFiles snapshotFiles,
            StorageObserver observer,
            Recovered recovered) {
        this.chosen = chosen;
        this.limits = limits;
        this.directory = directory;
        this.backend = backend;
        this.snapshotFiles = snapshotFiles;
        this.observer = observer;
        this.damaged = new ConcurrentHashMap<>(recovered.damaged);
        this.lastSnapshotId = new AtomicLong(recovered.lastSnapshotId);
        String name = "mooring-" + directory.root().getFileName();
        this.callbacks = new Callbacks(name + "-callbacks");
        this.marks = new MarkKeeper(directory, isMarked(chosen), name + "-mark");
        this.queue = new CommitQueue(
                directory.root(),
                backend,
                recovered.sequence,
                marks,
                observer,
                callbacks,
                limits.queueBytes,
                name + "-writer");
        marks.onFailure(queue::fail);
        recovered.groups.forEach((group, found) -> groups.put(group, newGroup(found.log, found.retained)));
    }

    static RaftStorage open(StorageConfig config, StorageObserver userObserver) throws IOException {
        long start = System.nanoTime();
        ChosenBackend chosen = config.chooseBackend();
        Limits limits = new Limits(
                config.maxPayloadBytes(), config.maxUpdateBytes(), config.queueBytes(), config.snapshotRetain());
        StorageObserver observer = new SafeObserver(userObserver);
        DataDirectory.Request request = new DataDirectory.Request(
                config.directory(), config.node(), chosen.name(), config.mayCreate(), isMarked(chosen));
        DataDirectory directory = DataDirectory.open(request, (data, storageId) -> {
            try (StorageBackend first = openBackend(
                    chosen, new BackendContext(data, chosen.options(), storageId, 0, true, observer::repaired))) {
                first.load();
            }
        });
        StorageBackend backend = null;
        try {
            backend = openBackend(
                    chosen,
                    new BackendContext(
                            directory.data(),
                            chosen.options(),
                            directory.storageId(),
                            directory.provenSequence(),
                            directory.endedCleanly(),
                            observer::repaired));
            directory.repairs().forEach(observer::repaired);
            Loaded loaded = backend.load();
            directory.checkLoaded(loaded.sequence());
            SnapshotFiles snapshotFiles = new SnapshotFiles(
                    directory.snapshots(),
                    directory.storageId(),
                    (file, why) -> LOG.log(
                            System.Logger.Level.WARNING,
                            file + " can not be deleted now; the next opening tries again",
                            why));
            Recovered recovered =
                    Recovered.of(loaded, backend, snapshotFiles, directory.snapshots(), limits.retain, observer);
            CoreStorage storage =
                    new CoreStorage(chosen, limits, directory, backend, snapshotFiles, observer, recovered);
            observer.recovered(new StorageObserver.Recovery(
                    loaded.groups().size(), loaded.sequence(), directory.endedCleanly(), System.nanoTime() - start));
            return storage;
        } catch (IOException e) {
            StorageException explained = directory.explain(e);
            closeAfter(explained, backend);
            closeAfter(explained, directory);
            throw explained;
        } catch (RuntimeException | Error e) {
            closeAfter(e, backend);
            closeAfter(e, directory);
            throw e;
        }
    }

    @Override
    public RaftGroup group(String name) throws StorageException {
        RaftRules.checkGroupName(name);
        StorageException.Corrupted damage = damaged.get(name);
        if (damage != null) {
            throw new StorageException.Corrupted(damage.getMessage(), damage);
        }
        synchronized (closing) {
            if (closed || closer != null) {
                throw new StorageException.Failed("The storage in " + directory.root() + " is closed; open it again");
            }
        }
        return groups.computeIfAbsent(name, created -> newGroup(new GroupLog(created), List.of()));
    }

    @Override
    public Set<String> groups() {
        Set<String> names = new TreeSet<>(damaged.keySet());
        groups.forEach((name, group) -> {
            if (!group.isNew()) {
                names.add(name);
            }
        });
        return names;
    }

    @Override
    public void drop(String name) throws IOException {
        RaftRules.checkGroupName(name);
        String doing = "dropping group '" + name + "'";
        boolean[] dropped = new boolean[1];
        Runnable[] deletion = {() -> {}}; // not while everybody waits for the role
        queue.exclusively(() -> {
            GroupLog log;
            StorageException closedBefore;
            queue.lock.lock();
            try {
                queue.checkWritable();
                CoreGroup group = groups.get(name);
                log = group == null ? null : group.log();
                closedBefore = log == null ? null : log.closedBecause;
                if (log != null && log.exists) {
                    log.closedBecause = new StorageException.Failed(
                            "Group '" + name + "' was dropped; ask the storage for the group again to begin a new one");
                } else if (!damaged.containsKey(name)) {
                    return;
                }
            } finally {
                queue.lock.unlock();
            }
            try {
                queue.flush(); // whoever waits for a change of this group is told that it went well, as it did
                queue.change(doing, sequence -> {
                    backend.drop(sequence, name);
                    dropped[0] = true;
                });
            } catch (IOException | RuntimeException | Error e) {
                if (!dropped[0]) {
                    closeAgain(log, closedBefore); // it can be read as far as it was durable
                }
                throw e;
            }
            try {
                deletion[0] = snapshotFiles.drop(name);
            } catch (IOException | RuntimeException e) {
                // a new group of this name would find snapshots of the old one
                throw queue.poison(e, doing);
            }
            if (log != null) {
                forget(log);
            }
            groups.remove(name);
            damaged.remove(name);
        });
        deletion[0].run();
    }

    @Override
    public String backend() {
        return chosen.name();
    }

    @Override
    public Durability durability() {
        return chosen.guarantees().durability();
    }

    @Override
    public Path directory() {
        return directory.root();
    }

    @Override
    public void close() throws IOException {
        queue.lock.lock();
        try {
            queue.checkCaller();
        } finally {
            queue.lock.unlock();
        }
        synchronized (closing) {
            if (closed || closer == Thread.currentThread()) {
                return;
            }
            if (closer != null) {
                if (!callbacks.isCurrentThread()) { // whoever closes waits for the callbacks to end
                    awaitClosed();
                }
                return;
            }
            closer = Thread.currentThread();
        }
        try {
            closeAll();
        } finally {
            synchronized (closing) {
                closed = true;
                closing.notifyAll();
            }
        }
    }

    private void closeAll() throws IOException {
        try {
            queue.close(() -> {
                handles.closeAll();
                marks.stop();
                boolean failed = queue.isFailed();
                closeBackend();
                if (!failed && isMarked(chosen)) {
                    directory.markCleanEnd(queue.sequence());
                }
            });
        } finally {
            handles.closeAll();
            marks.stop();
            callbacks.close();
            directory.close();
        }
    }

    private void closeBackend() throws StorageException {
        try {
            backend.close();
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            throw new StorageException.Failed(
                    "The storage in " + directory.root() + " is closed, but not as it should be: "
                            + StorageException.reasonOf(e)
                            + ". What was acknowledged is safe. Mend what is named, before"
                            + " the storage is opened again",
                    e);
        }
    }

    /** Holds {@code closing}. */
    private void awaitClosed() {
        boolean interrupted = false;
        while (!closed) {
            try {
                closing.wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAgain(@Nullable GroupLog log, @Nullable StorageException because) {
        if (log != null) {
            queue.lock.lock();
            try {
                log.closedBecause = because;
            } finally {
                queue.lock.unlock();
            }
        }
    }

    private void forget(GroupLog log) {
        queue.lock.lock();
        try {
            queue.remove(log);
            queue.forget(log.tail.dropThrough(Long.MAX_VALUE));
        } finally {
            queue.lock.unlock();
        }
    }

    private CoreGroup newGroup(GroupLog log, List<SnapshotPointer> retained) {
        GroupSnapshots snapshots = new GroupSnapshots(
                queue, backend, snapshotFiles, log, retained, limits.retain, lastSnapshotId::incrementAndGet, observer);
        return new CoreGroup(queue, backend, log, snapshots, handles, limits.maxPayloadBytes, limits.maxUpdateBytes);
    }

    private static boolean isMarked(ChosenBackend chosen) {
        return chosen.guarantees().durability() != Durability.VOLATILE;
    }

    private static StorageBackend openBackend(ChosenBackend chosen, BackendContext context) throws IOException {
        try {
            return chosen.provider().open(context);
        } catch (LinkageError | RuntimeException e) {
            throw new StorageException.Refused(
                    "Backend '" + chosen.name() + "' (" + chosen.place() + ") can not be opened in "
                            + context.directory()
                            + ". Its native library may be missing for this platform, or one of its jars: " + e,
                    e);
        }
    }

    private static void closeAfter(Throwable cause, @Nullable AutoCloseable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (Exception e) {
            cause.addSuppressed(e);
        }
    }

    /** What was found at open, group by group. */
    private static final class Recovered {
        private final Map<String, FoundGroup> groups = new ConcurrentHashMap<>();
        private final Map<String, StorageException.Corrupted> damaged = new ConcurrentHashMap<>();
        private final Map<String, Set<SnapshotPointer>> kept = new ConcurrentHashMap<>();
        private long sequence;
        private long lastSnapshotId;

        /** Nothing is removed before the mark and all pointers have been verified. */
        static Recovered of(
                Loaded loaded,
                StorageBackend backend,
                SnapshotFiles files,
                Path snapshots,
                int retain,
                StorageObserver observer)
                throws IOException {
            Recovered recovered = new Recovered();
            recovered.sequence = loaded.sequence();
            recovered.lastSnapshotId = loaded.sequence();
            for (String name : files.groups()) {
                for (SnapshotPointer published : files.published(name)) {
                    recovered.lastSnapshotId = Math.max(recovered.lastSnapshotId, published.id());
                }
            }
            for (Map.Entry<String, GroupState> found : loaded.groups().entrySet()) {
                String name = found.getKey();
                SnapshotPointer pointer = found.getValue().snapshot();
                if (pointer != null) {
                    recovered.lastSnapshotId = Math.max(recovered.lastSnapshotId, pointer.id());
                }
                try {
                    GroupLog log = GroupOpening.open(name, found.getValue(), backend);
                    SnapshotChoice choice = SnapshotChoice.choose(log, files, snapshots, retain, observer::repaired);
                    recovered.groups.put(name, new FoundGroup(log, choice.retained()));
                    recovered.kept.put(name, Set.copyOf(choice.kept()));
                } catch (StorageException.Corrupted e) {
                    LOG.log(
                            System.Logger.Level.ERROR,
                            "A group stays closed, the others are open. {0}",
                            e.getMessage());
                    recovered.damaged.put(name, e);
                    recovered.kept.put(name, Set.copyOf(files.published(name)));
                }
            }
            files.removeLeftovers(recovered.kept);
            return recovered;
        }
    }

    private record FoundGroup(GroupLog log, List<SnapshotPointer> retained) {}
}
