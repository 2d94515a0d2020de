// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.snapshot.PublishedSnapshot;
import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One group: checks what it is given, accepts it under the lock of the storage, and leaves the writing to the queue. */
final class CoreGroup implements RaftGroup {

    private final CommitQueue queue;
    private final GroupLog log;
    private final LogReader reader;
    private final GroupSnapshots snapshots;
    private final OpenHandles handles;
    private final long maxPayloadBytes;
    private final long maxUpdateBytes;

    CoreGroup(
            CommitQueue queue,
            StorageBackend backend,
            GroupLog log,
            GroupSnapshots snapshots,
            OpenHandles handles,
            long maxPayloadBytes,
            long maxUpdateBytes) {
        this.queue = queue;
        this.log = log;
        this.reader = new LogReader(queue, backend, log);
        this.snapshots = snapshots;
        this.handles = handles;
        this.maxPayloadBytes = maxPayloadBytes;
        this.maxUpdateBytes = maxUpdateBytes;
    }

    /** For the storage that owns it. */
    GroupLog log() {
        return log;
    }

    // ---- getters ----

    @Override
    public String name() {
        return log.name;
    }

    @Override
    public boolean isNew() {
        return locked(() -> !log.exists);
    }

    @Override
    public TermAndVote termAndVote() {
        HardState held = locked(() -> log.hardState);
        return new TermAndVote(held.currentTerm(), held.votedFor());
    }

    @Override
    public long commitIndex() {
        return locked(() -> log.hardState.commitIndex());
    }

    @Override
    public @Nullable ByteBuffer attachment() {
        queue.lock.lock();
        try {
            return log.attachment == null ? null : log.attachment.duplicate();
        } finally {
            queue.lock.unlock();
        }
    }

    @Override
    public @Nullable SnapshotPointer snapshot() {
        queue.lock.lock();
        try {
            return log.snapshot;
        } finally {
            queue.lock.unlock();
        }
    }

    @Override
    public long firstIndex() {
        return locked(() -> log.firstIndex);
    }

    @Override
    public long lastIndex() {
        return locked(() -> log.lastIndex);
    }

    @Override
    public long durableIndex() {
        return locked(() -> log.durableIndex);
    }

    @Override
    public long term(long index) {
        return locked(() -> log.term(index));
    }

    // ---- reads ----

    @Override
    public @Nullable LogEntry get(long index) throws IOException {
        return reader.get(index);
    }

    @Override
    public void read(long first, long last, long maxBytes, EntryReader entryReader) throws IOException {
        reader.read(first, last, maxBytes, entryReader);
    }

    // ---- accepting ----

    @Override
    public void append(List<LogEntry> entries) throws IOException {
        Prepared prepared = prepare(entries);
        queue.lock.lock();
        try {
            accept(null, entries, prepared, -1);
        } finally {
            queue.lock.unlock();
        }
    }

    @Override
    public void truncateFrom(long index) throws IOException {
        queue.lock.lock();
        try {
            checkChangeable();
            RaftRules.checkTruncation(log, index);
            while (log.wouldForgetItsBeginning(index)) {
                queue.awaitDurable(log.ticket); // lets go of the lock
                checkChangeable();
                RaftRules.checkTruncation(log, index);
            }
            if (index <= log.lastIndex) {
                queue.forget(log.truncateFrom(index));
                queue.accepted(log, 0);
            }
        } finally {
            queue.lock.unlock();
        }
    }

    @Override
    public void commitIndex(long index) throws IOException {
        queue.lock.lock();
        try {
            checkChangeable();
            RaftRules.checkCommit(log, index, List.of());
            commitThrough(index);
        } finally {
            queue.lock.unlock();
        }
    }

    @Override
    public void attach(ByteBuffer attachment) throws IOException {
        RaftRules.checkAttachment(log.name, attachment);
        ByteBuffer copy = ByteBuffer.allocate(attachment.remaining());
        copy.put(attachment.duplicate()).flip();
        queue.lock.lock();
        try {
            checkChangeable();
            log.accept(copy.asReadOnlyBuffer());
            queue.accepted(log, 0);
        } finally {
            queue.lock.unlock();
        }
    }

    // ---- durable ----

    @Override
    public void saveEntries(@Nullable TermAndVote termAndVote, List<LogEntry> entries) throws IOException {
        saveEntries(termAndVote, entries, -1);
    }

    @Override
    public void saveEntries(@Nullable TermAndVote termAndVote, List<LogEntry> entries, long commitIndex)
            throws IOException {
        Prepared prepared = prepare(entries);
        queue.lock.lock();
        try {
            accept(termAndVote, entries, prepared, commitIndex);
            queue.awaitDurable(log.ticket);
        } finally {
            queue.lock.unlock();
        }
    }

    @Override
    public CompletableFuture<Void> saveEntriesAsync(@Nullable TermAndVote termAndVote, List<LogEntry> entries)
            throws IOException {
        Prepared prepared = prepare(entries);
        queue.lock.lock();
        try {
            queue.startThreads();
            accept(termAndVote, entries, prepared, -1);
            return queue.whenDurable(log.ticket);
        } finally {
            queue.lock.unlock();
        }
    }

    @Override
    public void sync() throws IOException {
        queue.lock.lock();
        try {
            checkChangeable();
            queue.awaitDurable(log.ticket);
        } finally {
            queue.lock.unlock();
        }
    }

    @Override
    public CompletableFuture<Void> syncAsync() throws IOException {
        queue.lock.lock();
        try {
            checkChangeable();
            queue.startThreads();
            return queue.whenDurable(log.ticket);
        } finally {
            queue.lock.unlock();
        }
    }

    // ---- snapshots ----

    @Override
    public SnapshotWriter newSnapshot() throws IOException {
        return handles.add(new CoreSnapshotWriter(snapshots.stage(), snapshots, handles));
    }

    @Override
    public @Nullable Snapshot openSnapshot() throws IOException {
        PublishedSnapshot published = snapshots.open();
        return published == null ? null : handles.add(new CoreSnapshot(published, handles));
    }

    @Override
    public List<SnapshotPointer> snapshots() throws IOException {
        return snapshots.own();
    }

    @Override
    public @Nullable Snapshot openSnapshot(SnapshotPointer snapshot) throws IOException {
        PublishedSnapshot published = snapshots.open(snapshot);
        return published == null ? null : handles.add(new CoreSnapshot(published, handles));
    }

    @Override
    public void recordSnapshot(long index, long term) throws IOException {
        snapshots.record(index, term);
    }

    @Override
    public void releaseLock(long index) throws IOException {
        snapshots.release(index);
    }

    // ---- helpers ----

    /** Locked, but lets go while it waits for room. Checks everything, then changes everything. */
    private void accept(@Nullable TermAndVote termAndVote, List<LogEntry> entries, Prepared prepared, long commitIndex)
            throws StorageException {
        checkChangeable();
        if (!prepared.entries.isEmpty()) {
            queue.awaitRoom(prepared.weight);
            checkChangeable();
        }
        HardState raised = RaftRules.checkTermAndVote(log, termAndVote);
        RaftRules.checkEntries(log, entries, (raised == null ? log.hardState : raised).currentTerm());
        RaftRules.checkCommit(log, commitIndex, entries);
        if (raised != null) {
            log.accept(raised);
        }
        if (!prepared.entries.isEmpty()) {
            queue.forget(log.accept(prepared.entries));
        }
        if (raised != null || !prepared.entries.isEmpty()) {
            queue.accepted(log, prepared.weight);
        }
        commitThrough(commitIndex);
    }

    /** Locked. A lower commit index than the accepted one is ignored. */
    private void commitThrough(long index) {
        HardState held = log.hardState;
        if (index > held.commitIndex()) {
            log.accept(new HardState(held.currentTerm(), held.votedFor(), index));
            queue.acceptedQuietly(log);
        }
    }

    private void checkChangeable() throws StorageException {
        queue.checkCaller();
        queue.checkWritable(); // first: a group that is closed because of a failure must not hide the failure
        log.checkOpen();
    }

    /** Does outside the lock what needs no lock: sizes and checksums. */
    private Prepared prepare(List<LogEntry> entries) {
        RaftRules.checkSizes(log.name, entries, maxPayloadBytes, maxUpdateBytes);
        List<Entry> prepared = new ArrayList<>(entries.size());
        long weight = 0;
        for (LogEntry entry : entries) {
            ByteBuffer payload = entry.payload();
            int checksum = Entry.checksum(log.name, entry.index(), entry.term(), payload);
            prepared.add(new Entry(entry.index(), entry.term(), checksum, payload));
            weight += EntryTail.weight(payload.remaining());
        }
        return new Prepared(prepared, weight);
    }

    private <T> T locked(Supplier<T> getter) {
        queue.lock.lock();
        try {
            return getter.get();
        } finally {
            queue.lock.unlock();
        }
    }

    private record Prepared(List<Entry> entries, long weight) {}
}
