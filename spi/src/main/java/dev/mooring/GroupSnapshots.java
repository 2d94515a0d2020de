// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.snapshot.PublishedSnapshot;
import dev.mooring.snapshot.SnapshotFiles;
import dev.mooring.snapshot.StagedSnapshot;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Snapshots of one group: saving, recording, retention, and the release of what they cover. */
final class GroupSnapshots {

    private static final System.Logger LOG = System.getLogger(GroupSnapshots.class.getName());

    private final CommitQueue queue;
    private final StorageBackend backend;
    private final SnapshotFiles files;
    private final GroupLog log;
    private final int retain;
    private final LongSupplier ids;
    private final StorageObserver observer;

    // our own, published and kept, newest first; guarded by the lock of the storage
    private final List<SnapshotPointer> retained = new ArrayList<>();

    // of the snapshot that is being saved, and what the log had before; guarded by that lock, too
    private long ticket;
    private long ticketBefore;

    GroupSnapshots(
            CommitQueue queue,
            StorageBackend backend,
            SnapshotFiles files,
            GroupLog log,
            List<SnapshotPointer> retained,
            int retain,
            LongSupplier ids,
            StorageObserver observer) {
        this.queue = queue;
        this.backend = backend;
        this.files = files;
        this.log = log;
        this.retained.addAll(retained);
        this.retain = retain;
        this.ids = ids;
        this.observer = observer;
    }

    String groupName() {
        return log.name;
    }

    /** A staging directory for a new snapshot. */
    StagedSnapshot stage() throws IOException {
        queue.lock.lock();
        try {
            queue.checkCaller();
            queue.checkWritable();
            log.checkOpen();
        } finally {
            queue.lock.unlock();
        }
        return files.stage(log.name);
    }

    /** Publishes what was staged. Everything that can be refused is refused before the directory gets its final name. */
    void save(StagedSnapshot staged, long index, long term, @Nullable TermAndVote termAndVote) throws IOException {
        if (term < 0) {
            throw new IllegalArgumentException("Group '" + log.name
                    + "': a snapshot that storage keeps has a term of at" + " least 0, not " + term + " (rule SNAP-1)");
        }
        long start = System.nanoTime();
        long earlier = ticket();
        if (!isNews(index, term, termAndVote)) {
            staged.discard();
            return;
        }
        SnapshotPointer pointer = new SnapshotPointer(index, term, false, ids.getAsLong());
        long bytes = staged.bytes();
        staged.seal(index, term, pointer.id());
        List<SnapshotPointer> outdated = change(pointer, termAndVote, staged, earlier);
        if (outdated == null) {
            staged.discard();
            return;
        }
        remove(outdated);
        observer.snapshotSaved(
                new StorageObserver.SnapshotSaved(log.name, index, term, bytes, System.nanoTime() - start));
    }

    /** Takes the engine's word for a snapshot of its own. */
    void record(long index, long term) throws IOException {
        long start = System.nanoTime();
        long earlier = ticket();
        if (!isNews(index, term, null)) {
            return;
        }
        long knownTerm = knownTerm(index, term);
        if (isRecorded(index, knownTerm)) {
            return;
        }
        SnapshotPointer pointer = new SnapshotPointer(index, knownTerm, true, ids.getAsLong());
        List<SnapshotPointer> outdated = change(pointer, null, null, earlier);
        if (outdated != null) {
            remove(outdated);
            observer.snapshotSaved(
                    new StorageObserver.SnapshotSaved(log.name, index, term, 0, System.nanoTime() - start));
        }
    }

    /** Releases what the newest snapshot covers, as far as the oldest retained one of our own allows. */
    void release(long index) throws IOException {
        queue.lock.lock();
        try {
            queue.checkCaller();
            queue.checkWritable();
            log.checkOpen();
            if (index < log.firstIndex) {
                return;
            }
            RaftRules.checkRelease(log, index);
            log.releaseWanted = Math.max(log.releaseWanted, index);
            releaseWanted();
        } finally {
            queue.lock.unlock();
        }
    }

    /** The newest one whose bytes are ours; null if there is none. */
    @Nullable
    PublishedSnapshot open() throws IOException {
        while (true) {
            List<SnapshotPointer> own = own();
            if (own.isEmpty()) {
                return null;
            }
            PublishedSnapshot opened = open(own.get(0));
            if (opened != null) {
                return opened;
            }
            // a newer one was saved between the two steps, and retention took this one away
        }
    }

    /** One of our own; null if it is not kept, or no longer. */
    @Nullable
    PublishedSnapshot open(SnapshotPointer pointer) throws IOException {
        if (!own().contains(pointer)) {
            return null;
        }
        try {
            return files.open(log.name, pointer);
        } catch (IOException e) {
            if (own().contains(pointer)) {
                throw e;
            }
            return null; // retention took it away meanwhile
        }
    }

    /** Those whose bytes are ours, newest first. */
    List<SnapshotPointer> own() throws StorageException {
        queue.lock.lock();
        try {
            log.checkOpen();
            queue.checkOpen();
            SnapshotPointer newest = log.snapshot;
            return newest == null || newest.external() ? List.of() : List.copyOf(retained);
        } finally {
            queue.lock.unlock();
        }
    }

    private boolean isNews(long index, long term, @Nullable TermAndVote termAndVote) throws StorageException {
        queue.lock.lock();
        try {
            queue.checkWritable();
            log.checkOpen();
            return RaftRules.checkSnapshot(log, index, term, raised(termAndVote).currentTerm());
        } finally {
            queue.lock.unlock();
        }
    }

    private long ticket() {
        queue.lock.lock();
        try {
            return log.ticket;
        } finally {
            queue.lock.unlock();
        }
    }

    /** The term of a snapshot of the engine's; what is known of it stays known. */
    private long knownTerm(long index, long term) {
        queue.lock.lock();
        try {
            SnapshotPointer newest = log.snapshot;
            return term == RaftStorage.UNKNOWN_TERM && newest != null && newest.index() == index ? newest.term() : term;
        } finally {
            queue.lock.unlock();
        }
    }

    private boolean isRecorded(long index, long term) {
        queue.lock.lock();
        try {
            SnapshotPointer newest = log.snapshot;
            return newest != null && newest.external() && newest.index() == index && newest.term() == term;
        } finally {
            queue.lock.unlock();
        }
    }

    /**
     * Returns those of our own that are not kept any longer; null if a newer snapshot was saved meanwhile.
     *
     * @param staged what is to be published; null if the bytes are the engine's
     * @param earlier ticket of what the group had accepted when the call began, and what is durable when it returns
     */
    private @Nullable List<SnapshotPointer> change(
            SnapshotPointer pointer, @Nullable TermAndVote termAndVote, @Nullable StagedSnapshot staged, long earlier)
            throws IOException {
        List<SnapshotPointer> outdated = new ArrayList<>();
        boolean[] stored = new boolean[1];
        boolean[] saved = new boolean[1];
        String doing = "saving group '" + log.name + "' snapshot at " + pointer.index();
        queue.exclusively(() -> {
            checkWritable(); // a drop may have been before us in line
            // a caller's mistake, or a writer that was closed while this waited, shows before anything is accepted
            GroupLog.SnapshotUpdate update = staged == null
                    ? accept(pointer, termAndVote, earlier)
                    : staged.holding(() -> accept(pointer, termAndVote, earlier));
            if (update == null) {
                return;
            }
            try {
                if (staged != null) {
                    publish(staged, doing);
                }
                queue.change(doing, sequence -> {
                    backend.saveSnapshot(sequence, update.update(), pointer);
                    stored[0] = true;
                });
            } catch (IOException | RuntimeException | Error e) {
                if (!stored[0]) {
                    undo(update);
                }
                throw e;
            }
            settle(pointer, outdated);
            saved[0] = true;
        });
        return saved[0] ? outdated : null;
    }

    private void checkWritable() throws StorageException {
        queue.lock.lock();
        try {
            queue.checkWritable();
            log.checkOpen();
        } finally {
            queue.lock.unlock();
        }
    }

    private void undo(GroupLog.SnapshotUpdate update) {
        queue.lock.lock();
        try {
            update.undo().run();
        } finally {
            queue.lock.unlock();
        }
    }

    private void publish(StagedSnapshot staged, String doing) throws StorageException {
        try {
            files.publish(staged);
        } catch (IOException | RuntimeException e) {
            // what is accepted no longer matches what is stored
            throw queue.poison(e, doing);
        }
    }

    /** Has the role. Accepts the snapshot once everything that it covers is in the backend; null if it is outdated. */
    private GroupLog.@Nullable SnapshotUpdate accept(
            SnapshotPointer pointer, @Nullable TermAndVote termAndVote, long earlier) throws IOException {
        boolean isFlushed = false; // what is accepted meanwhile may come after the snapshot
        while (true) {
            queue.lock.lock();
            try {
                queue.checkWritable();
                log.checkOpen();
                HardState raised = raised(termAndVote);
                if (!RaftRules.checkSnapshot(log, pointer.index(), pointer.term(), raised.currentTerm())) {
                    return null;
                }
                boolean joins = RaftRules.joins(log, pointer.index(), pointer.term());
                boolean isWritten = pointer.index() <= log.durableIndex || pointer.index() < log.firstIndex;
                boolean isBrought = termAndVote != null;
                boolean isInOrder =
                        !joins || (isWritten && (isFlushed || !log.mustBeWrittenBefore(pointer, raised, isBrought)));
                if (isInOrder && queue.isDurable(earlier)) {
                    HardState committed = new HardState(
                            raised.currentTerm(), raised.votedFor(), Math.max(raised.commitIndex(), pointer.index()));
                    GroupLog.SnapshotUpdate update = log.accept(pointer, committed, joins, isBrought);
                    queue.forget(update.discardedWeight());
                    ticketBefore = log.ticket;
                    queue.accepted(log, 0); // who accepts the same term and vote, or syncs, waits for this
                    ticket = log.ticket;
                    return update;
                }
            } finally {
                queue.lock.unlock();
            }
            queue.flush();
            isFlushed = true;
        }
    }

    private HardState raised(@Nullable TermAndVote termAndVote) {
        HardState raised = RaftRules.checkTermAndVote(log, termAndVote);
        return raised == null ? log.hardState : raised;
    }

    /**
     * Has the role, so that of several saved at once each takes away only what came before it. Moves retention on: older
     * ones of our own go, and what was held back for them is released.
     */
    private void settle(SnapshotPointer newest, List<SnapshotPointer> outdated) {
        queue.lock.lock();
        try {
            log.saved(newest);
            if (log.ticket == ticket) {
                log.ticket = ticketBefore; // nothing was accepted since that is worth a sync
            }
            if (log.isDirty()) {
                queue.acceptedQuietly(log);
            }
            for (Iterator<SnapshotPointer> own = retained.iterator(); own.hasNext(); ) {
                SnapshotPointer old = own.next();
                if (newest.external() ? old.index() <= newest.index() : old.index() == newest.index()) {
                    outdated.add(old);
                    own.remove();
                }
            }
            if (!newest.external()) {
                retained.add(newest);
                retained.sort((a, b) -> Long.compare(b.index(), a.index()));
                while (retained.size() > retain) {
                    outdated.add(retained.remove(retained.size() - 1));
                }
            }
            releaseWanted();
        } finally {
            queue.lock.unlock();
        }
    }

    private void remove(List<SnapshotPointer> outdated) {
        for (SnapshotPointer old : outdated) {
            try {
                files.remove(log.name, old);
            } catch (IOException | RuntimeException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Group '" + log.name + "': the outdated snapshot at " + old.index()
                                + " can not be removed now; the next opening tries again",
                        e);
            }
        }
    }

    /** Locked. */
    private void releaseWanted() {
        long through = log.releaseWanted;
        if (!retained.isEmpty()) {
            through = Math.min(through, retained.get(retained.size() - 1).index());
        }
        if (through >= log.firstIndex && log.closedBecause == null) {
            queue.startWriter();
            log.releaseThrough(through);
            queue.release(log);
        }
    }
}
