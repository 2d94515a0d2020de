// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.Entry;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: whatever all groups have accepted goes to the backend in one write and one sync, and everybody who waits
 * for a part of it is told.
 *
 * <p>Methods marked <em>locked</em> are called with {@link #lock} held; none does I/O while it holds it.
 */
final class CommitQueue {

    /*
     * One party at a time has the *role*: it alone calls the backend's changing verbs. A blocking caller who finds the role
     * free takes it, writes one batch, and passes it on.
     *
     * What a caller waits for is a *ticket*: the number of the change it has accepted. A batch covers every ticket given
     * out when it was put together. A change of the commit index alone gets no ticket: it is worth no sync (it rides along).
     *
     * After the first failure the disk is unknown. Nothing is written any more and no sync is tried again: Rebello et al.,
     * "Can Applications Recover from fsync Failures?", ATC'20.
     */

    private static final System.Logger LOG = System.getLogger(RaftStorage.class.getName());

    final ReentrantLock lock = new ReentrantLock();

    private final StorageBackend backend;
    private final Changes changes;
    private final StorageObserver observer;
    private final Callbacks callbacks;
    private final long maxQueuedBytes;

    private final Condition room = lock.newCondition();
    private final ArrayDeque<Object> roomLine = new ArrayDeque<>(); // who waits for room, in order
    private final CommitRole role;
    private final Set<GroupLog> dirty = new LinkedHashSet<>();
    private final PendingReleases releases = new PendingReleases();
    private final Usability usability;

    private long acceptedTicket;
    private long durableTicket;
    private long queuedBytes;
    private long sequence;

    /** What surrounds a change of the backend. */
    interface Changes {
        /** Before each change: clears the mark of a clean end, the first time. */
        void begin() throws IOException;

        /** After each change: this sequence is durable. */
        void done(long sequence);
    }

    CommitQueue(
            Path root,
            StorageBackend backend,
            long sequence,
            Changes changes,
            StorageObserver observer,
            Callbacks callbacks,
            long maxQueuedBytes,
            String threadName) {
        this.usability = new Usability(root);
        this.backend = backend;
        this.sequence = sequence;
        this.changes = changes;
        this.observer = observer;
        this.callbacks = callbacks;
        this.maxQueuedBytes = maxQueuedBytes;
        this.role = new CommitRole(lock, callbacks, threadName, this::serveInBackground);
    }

    // ---- accepting, locked ----

    /** Locked. Refuses a call by the storage's observer, which would wait for the very write that it is told of. */
    void checkCaller() {
        if (role.isHeldByThisThread()) {
            throw new IllegalStateException("The storage's observer called the storage that is telling it something;"
                    + " nothing was changed. Let a thread of your own do that");
        }
    }

    /** Locked. Refuses a change after a failure or once closed. */
    void checkWritable() throws StorageException {
        usability.checkWritable();
    }

    /** Locked. Refuses everything once closed. */
    void checkOpen() throws StorageException {
        usability.checkOpen();
    }

    /** Locked. Throws what the storage has failed with, if it has. */
    void checkNotFailed() throws StorageException {
        usability.checkNotFailed();
    }

    /** Locked. Refuses what is not known to be durable once the storage has failed, and everything once it is closed. */
    void checkReadable(GroupLog log, long index) throws StorageException {
        checkOpen();
        if (index > log.durableIndex) {
            usability.checkNotFailed();
        }
    }

    /**
     * Locked, but lets go while it waits. Returns once this many bytes may be accepted; whatever the caller knew before has
     * to be checked again. First come, first served: else a large update would wait for as long as there are small ones.
     */
    void awaitRoom(long bytes) throws StorageException {
        checkWritable();
        if (roomLine.isEmpty() && hasRoom(bytes)) {
            return;
        }
        Object place = new Object();
        roomLine.add(place);
        try {
            while (roomLine.peek() != place || !hasRoom(bytes)) {
                if (queuedBytes > 0 && role.tryTake()) {
                    writeAndPassOn(0); // what this caller brings is not accepted yet
                } else {
                    room.awaitUninterruptibly();
                }
                checkWritable();
            }
        } finally {
            roomLine.remove(place);
            room.signalAll();
        }
    }

    private boolean hasRoom(long bytes) {
        return queuedBytes == 0 || queuedBytes + bytes <= maxQueuedBytes;
    }

    /** Locked. Before a change whose caller does not wait is accepted: throws if the system has no thread for it. */
    void startThreads() {
        callbacks.start();
        role.start();
    }

    /** Locked. Before entries are released. */
    void startWriter() {
        role.start();
    }

    /** Locked. A group has accepted a change, worth a sync. */
    void accepted(GroupLog log, long addedBytes) {
        log.ticket = ++acceptedTicket;
        dirty.add(log);
        queuedBytes += addedBytes;
    }

    /** Locked. A group has accepted a change that is worth no sync of its own. */
    void acceptedQuietly(GroupLog log) {
        dirty.add(log);
    }

    /** Locked. Bytes that were accepted are not waiting any more. */
    void forget(long bytes) {
        queuedBytes -= bytes;
        if (bytes > 0) {
            room.signalAll();
        }
    }

    // ---- waiting, locked ----

    /** Locked. Whether the change with this ticket, and all before it, are durable. */
    boolean isDurable(long ticket) {
        return durableTicket >= ticket;
    }

    /** Locked, but lets go while it writes or waits. Returns once the ticket is durable. */
    void awaitDurable(long ticket) throws StorageException {
        if (isDurable(ticket)) {
            return;
        }
        checkWritable();
        if (role.tryTake() || role.await(ticket)) {
            writeAndPassOn(1);
        }
        if (durableTicket < ticket) {
            usability.checkNotFailed();
            throw usability.closed();
        }
    }

    /** Locked, after {@link #startThreads}. A future that completes once the ticket is durable, after those of earlier tickets. */
    CompletableFuture<Void> whenDurable(long ticket) {
        if (isDurable(ticket)) {
            CompletableFuture<Void> future = new CompletableFuture<>();
            callbacks.run(() -> future.complete(null));
            return future;
        }
        return role.enter(ticket);
    }

    // ---- doing something else with the role ----

    /** Runs a task that calls the backend's changing verbs itself. Not locked. */
    void exclusively(Task task) throws IOException {
        takeRole();
        try {
            task.run();
        } finally {
            lock.lock();
            try {
                passOn();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Has the role: writes what is waiting, if anything is. Not locked. */
    void flush() throws IOException {
        lock.lock();
        try {
            usability.checkNotFailed();
            writeBatch(0);
            usability.checkNotFailed();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has the role: makes one change other than a batch; a failure poisons. Not locked.
     *
     * @param doing what it is, for the message about its failure
     */
    void change(String doing, Change change) throws IOException {
        long next;
        lock.lock();
        try {
            usability.checkNotFailed();
            next = sequence + 1;
        } finally {
            lock.unlock();
        }
        try {
            changes.begin();
            change.run(next);
            changes.done(next);
        } catch (IOException | RuntimeException | Error e) {
            throw poison(e, doing);
        }
        lock.lock();
        try {
            usability.checkNotFailed();
            sequence = next;
        } finally {
            lock.unlock();
        }
    }

    /** Locked, after {@link #startWriter}. The backend is to be told of released entries, in the background. */
    void release(GroupLog log) {
        releases.add(log);
        role.callWriter();
    }

    /** Locked. A group is gone; nothing of it waits any more. */
    void remove(GroupLog log) {
        dirty.remove(log);
        releases.remove(log);
    }

    /** Fails everything from now on; the first cause stays. What is returned is to be thrown. Not locked. */
    StorageException poison(Throwable cause, String doing) {
        StorageException thrown = fail(cause, doing);
        lock.lock();
        try {
            usability.told();
        } finally {
            lock.unlock();
        }
        return thrown;
    }

    /** As {@link #poison}, where nobody is there who could be told, and of no particular group. Not locked. */
    StorageException fail(Throwable cause) {
        return fail(cause, null);
    }

    private StorageException fail(Throwable cause, @Nullable String doing) {
        boolean first;
        StorageException thrown;
        lock.lock();
        try {
            first = usability.fail(cause, doing);
            thrown = usability.failed();
            if (role.isChangeAwaited()) {
                usability.told();
            }
            role.fail(thrown);
            room.signalAll();
        } finally {
            lock.unlock();
        }
        if (first) {
            tellObserver(cause);
        }
        return thrown;
    }

    private void tellObserver(Throwable cause) {
        try {
            callbacks.start();
        } catch (OutOfMemoryError noThread) { // whoever calls next is told, too
            LOG.log(
                    System.Logger.Level.ERROR,
                    "The storage has failed, and there is no thread to tell its observer",
                    cause);
            return;
        }
        callbacks.run(() -> observer.failed(cause)); // there it may close the storage
    }

    /** Number of the last durable change. Not locked. */
    long sequence() {
        lock.lock();
        try {
            return sequence;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a write or sync has failed. Not locked. */
    boolean isFailed() {
        lock.lock();
        try {
            return usability.hasFailed();
        } finally {
            lock.unlock();
        }
    }

    // ---- closing ----

    /**
     * Refuses changes from now on, writes what was accepted, tells the backend of releases, runs the last task with the
     * role, and ends the storage's thread. Not locked; called once.
     *
     * @throws StorageException.Failed if a change could not be written, now or before, and nobody has been told yet
     */
    void close(Task last) throws IOException {
        lock.lock();
        try {
            usability.close();
            room.signalAll();
        } finally {
            lock.unlock();
        }
        takeRole();
        try {
            lock.lock();
            try {
                writeBatch(0);
                tellReleases();
            } finally {
                lock.unlock();
            }
            last.run();
        } finally {
            role.end(usability.closed());
        }
        lock.lock();
        try {
            usability.checkNotFailedUntold();
        } finally {
            lock.unlock();
        }
    }

    // ---- the role ----

    private void takeRole() throws StorageException {
        lock.lock();
        try {
            checkCaller();
            if (!role.take()) {
                throw usability.closed();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Locked; has the role. */
    private void writeAndPassOn(int ownCallers) {
        try {
            writeBatch(ownCallers);
        } finally {
            passOn();
        }
    }

    /** Locked; the storage's own thread has the role. */
    private void serveInBackground() {
        try {
            writeBatch(0);
            tellReleases();
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        } finally {
            passOn();
        }
    }

    /** Locked; has the role. Releases are told by the storage's own thread, when nobody waits or after some batches. */
    private void passOn() {
        boolean releasesDue = !usability.hasFailed() && releases.areDue(!role.isLineEmpty());
        if (!role.passOn(releasesDue)) {
            room.signalAll();
        }
    }

    // ---- writing ----

    /**
     * Locked, but lets go while it writes; has the role. Storage has failed afterwards if it did not go well.
     *
     * @param ownCallers is 1 where the caller waits for this batch itself and stands in no line, else 0
     */
    private void writeBatch(int ownCallers) {
        if (usability.hasFailed()) {
            return;
        }
        List<GroupLog> logs = new ArrayList<>(dirty.size());
        List<Update> updates = new ArrayList<>(dirty.size());
        try {
            for (GroupLog log : dirty) {
                if (log.isDirty()) {
                    logs.add(log);
                    updates.add(log.takeUpdate());
                }
            }
        } catch (RuntimeException | Error e) {
            fail(e); // what was taken already is lost to the next batch
            return;
        }
        dirty.clear();
        long covered = acceptedTicket;
        long nanos = updates.isEmpty() ? 0 : write(updates);
        if (usability.hasFailed()) {
            return;
        }
        durableTicket = covered;
        for (GroupLog log : logs) {
            forget(log.written());
        }
        int callers = ownCallers + role.tell(durableTicket);
        if (!updates.isEmpty()) {
            tellObserver(updates, callers, nanos);
        }
    }

    /** Locked, but lets go while it writes; has the role. Returns how long the backend took, in nanoseconds. */
    private long write(List<Update> updates) {
        long next = sequence + 1;
        long nanos = 0;
        lock.unlock();
        try {
            changes.begin();
            long start = System.nanoTime();
            backend.saveEntries(next, updates);
            nanos = System.nanoTime() - start;
            changes.done(next);
        } catch (IOException | RuntimeException | Error e) {
            fail(e, Words.saving(updates));
        } finally {
            lock.lock();
        }
        if (!usability.hasFailed()) {
            sequence = next;
        }
        return nanos;
    }

    private void tellObserver(List<Update> updates, int callers, long nanos) {
        int entries = 0;
        long bytes = 0;
        for (Update update : updates) {
            entries += update.entries().size();
            for (Entry entry : update.entries()) {
                bytes += entry.payloadBytes();
            }
        }
        lock.unlock();
        try {
            observer.saved(new StorageObserver.Save(callers, updates.size(), entries, bytes, nanos));
        } finally {
            lock.lock();
        }
    }

    /** Locked, but lets go while the backend is told; has the role. */
    private void tellReleases() {
        releases.begin();
        while (!usability.hasFailed()) {
            PendingReleases.Release release = releases.next();
            if (release == null) {
                return;
            }
            lock.unlock();
            try {
                changes.begin();
                backend.releaseLock(release.log().name, release.index());
                observer.released(new StorageObserver.Release(release.log().name, release.index() + 1));
            } catch (IOException | RuntimeException | Error e) {
                fail(e, Words.releasing(release));
            } finally {
                lock.lock();
            }
        }
    }

    /** A task of whoever has the role. */
    @FunctionalInterface
    interface Task {
        void run() throws IOException;
    }

    /** A change of the backend under a sequence. */
    @FunctionalInterface
    interface Change {
        void run(long sequence) throws IOException;
    }
}
