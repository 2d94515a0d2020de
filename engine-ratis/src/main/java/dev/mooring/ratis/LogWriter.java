// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.jspecify.annotations.Nullable;

/**
 * Hands entries to storage in log order, each not before the data that the state machine keeps of it is safe.
 *
 * <p>Entries are added and truncated by one thread at a time, the one that holds the log's write lock.
 */
final class LogWriter {

    // An entry in the log means that this server has all of it. If the state machine keeps a part (its
    // DataApi), that part must be written and flushed first, and storage makes durable what it has accepted
    // whenever it likes. So such an entry, and what follows it, waits here and not there. Where no part is
    // kept, which is usual, nothing ever waits.
    //
    // No foreign code runs under this object's monitor: the state machine may complete its futures under
    // locks of its own.

    private final RaftGroup group;
    private final long maxSaveBytes;
    private final UnaryOperator<CompletableFuture<?>> patience;
    private final LongFunction<CompletableFuture<?>> flush;
    private final Deque<Pending> waiting = new ArrayDeque<>();
    private List<Pending> flushing = List.of();
    private @Nullable Throwable failure;

    /**
     * @param maxSaveBytes largest sum of payloads that storage takes at a time
     * @param patience begins to run out when it is the turn of an entry whose data is not written yet; gives that write,
     *     or a future that fails where the patience ends
     * @param flush makes durable what the state machine has written for entries up to an index
     */
    LogWriter(
            RaftGroup group,
            long maxSaveBytes,
            UnaryOperator<CompletableFuture<?>> patience,
            LongFunction<CompletableFuture<?>> flush) {
        this.group = group;
        this.maxSaveBytes = maxSaveBytes;
        this.patience = patience;
        this.flush = flush;
    }

    /**
     * Saves entries that follow the last ones.
     *
     * @param written is complete once the state machine has written its part of them; null if it keeps none
     * @return completes with true when they are durable, with false if nothing is left of them: they were truncated, or a
     *     snapshot covers them
     */
    CompletableFuture<Boolean> save(List<LogEntryProto> entries, @Nullable CompletableFuture<?> written) {
        CompletableFuture<?> gate = written;
        if (gate == null && nothingWaits()) {
            gate = flush(entries.get(entries.size() - 1).getIndex());
            if (succeeded(gate)) {
                return accept(entries).thenApply(nothing -> true); // nothing waits still: only this thread adds
            }
        }
        Pending pending = new Pending(entries, written); // a flush has no limit, wherever it is waited for
        synchronized (this) {
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            pending.ready = gate == null;
            waiting.add(pending);
        }
        if (gate != null) {
            var unused = gate.whenComplete((result, thrown) -> {
                if (thrown == null) {
                    ready(pending);
                    saveReady();
                } else {
                    notWritten(pending, thrown);
                }
            });
        }
        saveReady();
        return pending.saved;
    }

    /**
     * Deletes this entry and all above it; what was to become of their saves completes normally.
     *
     * @return completes when the deletion is durable
     */
    CompletableFuture<Void> truncateFrom(long index) {
        CompletableFuture<Void> deleted;
        List<Pending> dropped;
        synchronized (this) {
            dropped = drop(entry -> entry.getIndex() >= index);
            try {
                if (index <= group.lastIndex()) {
                    group.truncateFrom(index);
                    deleted = group.syncAsync();
                } else {
                    deleted = CompletableFuture.completedFuture(null);
                }
            } catch (IOException | RuntimeException | Error e) {
                deleted = CompletableFuture.failedFuture(e);
            }
        }
        dropped.forEach(pending -> pending.saved.complete(false));
        return deleted;
    }

    /** Forgets all entries that wait, because the log that they continue is given up. */
    void forgetWaiting() {
        List<Pending> dropped;
        synchronized (this) {
            dropped = drop(entry -> true);
        }
        dropped.forEach(pending -> pending.saved.complete(false));
    }

    /** Records a snapshot of the state machine's in storage, and forgets the waiting entries that it covers. */
    void recordSnapshot(long index, long term) throws IOException {
        List<Pending> dropped;
        synchronized (this) {
            // One step: what follows the covered entries can only be saved once storage knows that it need not wait for
            // these
            group.recordSnapshot(index, term);
            dropped = drop(entry -> entry.getIndex() <= index);
        }
        dropped.forEach(pending -> pending.saved.complete(false));
        saveReady(); // it may have waited for nothing else
    }

    /** Completes when an entry that was handed over earlier is durable; fails if storage will never get it. */
    CompletableFuture<Void> durable(long index) {
        synchronized (this) {
            if (failure != null) {
                return CompletableFuture.failedFuture(failure); // what waited is forgotten: nothing below would miss it
            }
            for (List<Pending> some : List.of(flushing, List.copyOf(waiting))) {
                for (Pending pending : some) {
                    if (pending.covers(index)) {
                        return pending.saved.thenApply(kept -> null);
                    }
                }
            }
            if (index <= group.durableIndex()) {
                return CompletableFuture.completedFuture(null);
            }
            if (index > group.lastIndex()) { // a sync would say nothing about it
                return CompletableFuture.failedFuture(new IllegalStateException("Group '" + group.name() + "': entry "
                        + index + " was never given to storage, whose log ends at " + group.lastIndex()));
            }
            try {
                return group.syncAsync();
            } catch (IOException | RuntimeException | Error e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }

    /** Fails what still waits, and every later save. */
    void fail(Throwable cause) {
        List<Pending> failed = new ArrayList<>();
        synchronized (this) {
            if (failure == null) {
                failure = cause;
            }
            failed.addAll(flushing);
            failed.addAll(waiting);
            flushing = List.of();
            waiting.clear();
        }
        failed.forEach(pending -> pending.saved.completeExceptionally(cause));
    }

    private void saveReady() {
        for (Batch batch = takeReady(); batch != null; batch = takeReady()) {
            Batch taken = batch;
            CompletableFuture<?> flushed = flush(taken.lastIndex);
            if (!flushed.isDone()) {
                var unused = flushed.whenComplete((result, thrown) -> {
                    saveFlushed(taken.pendings, thrown);
                    saveReady();
                });
                return;
            }
            saveFlushed(taken.pendings, thrownBy(flushed));
        }
        awaitFirst();
    }

    private void awaitFirst() {
        Pending first;
        CompletableFuture<?> gate;
        synchronized (this) {
            first = flushing.isEmpty() ? waiting.peek() : null; // else its turn has not come
            gate = first == null ? null : first.gate;
            if (first == null || gate == null || first.ready || first.awaited) {
                return;
            }
            first.awaited = true;
        }
        var unused = patience.apply(gate).whenComplete((result, thrown) -> {
            if (thrown != null) {
                notWritten(first, thrown);
            }
        });
    }

    private void notWritten(Pending pending, Throwable thrown) {
        if (isWanted(pending)) {
            fail(thrown);
        }
    }

    private synchronized @Nullable Batch takeReady() {
        if (!flushing.isEmpty()) {
            return null; // one at a time; who flushes comes back here
        }
        List<Pending> batch = new ArrayList<>();
        long lastIndex = -1;
        for (Pending next = waiting.peek(); next != null && next.ready; next = waiting.peek()) {
            batch.add(waiting.remove());
            lastIndex = next.lastIndex();
        }
        flushing = batch;
        return batch.isEmpty() ? null : new Batch(List.copyOf(batch), lastIndex);
    }

    private void saveFlushed(List<Pending> batch, @Nullable Throwable thrown) {
        if (thrown != null) {
            fail(thrown);
            return;
        }
        CompletableFuture<Void> saved;
        synchronized (this) {
            if (failure != null) {
                return; // fail() has told those who wait
            }
            List<LogEntryProto> entries = new ArrayList<>();
            batch.forEach(pending -> entries.addAll(pending.entries));
            saved = entries.isEmpty() ? CompletableFuture.completedFuture(null) : accept(entries);
            flushing = List.of();
        }
        var unused = saved.whenComplete((result, failed) -> {
            for (Pending pending : batch) {
                if (failed == null) {
                    pending.saved.complete(isWanted(pending));
                } else {
                    pending.saved.completeExceptionally(failed);
                }
            }
            if (failed != null) {
                fail(failed); // those who came after are told, too
            }
        });
    }

    /** Gives entries to storage, in as many saves as they need. Never throws: nobody would tell those who wait. */
    private synchronized CompletableFuture<Void> accept(List<LogEntryProto> entries) {
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        try {
            List<LogEntry> save = new ArrayList<>(entries.size());
            long bytes = 0;
            for (LogEntryProto entry : entries) {
                LogEntry next = LogEntries.toStorage(LogEntries.withoutStateMachineData(entry));
                if (!save.isEmpty() && bytes + next.payloadBytes() > maxSaveBytes) {
                    // the last future stands for all: they complete in order, and after a failure all fail
                    var unused = group.saveEntriesAsync(null, Collections.unmodifiableList(save));
                    save = new ArrayList<>();
                    bytes = 0;
                }
                save.add(next);
                bytes += next.payloadBytes();
            }
            return group.saveEntriesAsync(null, Collections.unmodifiableList(save));
        } catch (IOException | RuntimeException | Error e) { // an Error: no memory for a copy, no thread to write
            failure = e; // what follows would leave a gap
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<?> flush(long index) {
        try {
            return flush.apply(index);
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private synchronized boolean nothingWaits() {
        return waiting.isEmpty() && flushing.isEmpty();
    }

    private synchronized void ready(Pending pending) {
        pending.ready = true;
    }

    private synchronized boolean isWanted(Pending pending) {
        return !pending.entries.isEmpty(); // else truncated, or covered by a snapshot
    }

    /** Takes entries out of what waits; returns the saves that nothing is left of. */
    private List<Pending> drop(Predicate<LogEntryProto> which) {
        List<Pending> emptied = new ArrayList<>();
        for (Pending pending : flushing) {
            pending.entries.removeIf(which); // emptied or not, its save completes it
        }
        for (Iterator<Pending> all = waiting.iterator(); all.hasNext(); ) {
            Pending pending = all.next();
            if (pending.entries.removeIf(which) && pending.entries.isEmpty()) {
                all.remove();
                emptied.add(pending);
            }
        }
        return emptied;
    }

    private static boolean succeeded(CompletableFuture<?> future) {
        return future.isDone() && !future.isCompletedExceptionally();
    }

    private static @Nullable Throwable thrownBy(CompletableFuture<?> done) {
        return done.handle((result, thrown) -> thrown).join();
    }

    /**
     * What is flushed and saved together.
     *
     * @param lastIndex of its entries, as long as none of them was truncated
     */
    private record Batch(List<Pending> pendings, long lastIndex) {}

    private static final class Pending {
        private final List<LogEntryProto> entries; // guarded by the writer; one that waits has at least one
        private final @Nullable CompletableFuture<?> gate;
        private final CompletableFuture<Boolean> saved = new CompletableFuture<>();
        private boolean ready;
        private boolean awaited; // its turn has come

        private Pending(List<LogEntryProto> entries, @Nullable CompletableFuture<?> gate) {
            this.entries = new ArrayList<>(entries);
            this.gate = gate;
        }

        private boolean covers(long index) {
            return !entries.isEmpty() && entries.get(0).getIndex() <= index && index <= lastIndex();
        }

        private long lastIndex() {
            return entries.get(entries.size() - 1).getIndex();
        }
    }
}
