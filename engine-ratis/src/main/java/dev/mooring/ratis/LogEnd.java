// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.util.JavaUtils;
import org.jspecify.annotations.Nullable;

/**
 * The end of an open log, where entries are appended and truncated. Each method is called under the log's write lock; what
 * follows when something is durable, or written by the state machine, runs on their threads without it.
 */
final class LogEnd {

    private final String name;
    private final OpenLog log;
    private final HeldEntries held;
    private final StateMachineData data;
    private final LogFailures failures;
    private final DivisionAccess access;
    private final LongSupplier snapshotIndex;
    private final HeldEntries.Reader reader;
    private volatile long toldFlushIndex = RaftLog.INVALID_LOG_INDEX; // the last one that the leader was told of

    /**
     * The end of a log.
     *
     * @param name of the log, for messages
     * @param snapshotIndex what is up to there is in a snapshot, as Ratis knows
     * @param reader gets entries, and minds what goes wrong with them
     */
    LogEnd(
            String name,
            OpenLog log,
            HeldEntries held,
            StateMachineData data,
            LogFailures failures,
            DivisionAccess access,
            LongSupplier snapshotIndex,
            HeldEntries.Reader reader) {
        this.name = name;
        this.log = log;
        this.held = held;
        this.data = data;
        this.failures = failures;
        this.access = access;
        this.snapshotIndex = snapshotIndex;
        this.reader = reader;
    }

    // ---- appending

    /** Appends a leader's entry; the future completes with its index when it is durable. */
    CompletableFuture<Long> append(LogEntryProto entry, @Nullable TransactionContext context) {
        return append(List.of(entry), List.of(() -> context)).get(0);
    }

    /** Appends what is missing of a follower's request, and truncates first what contradicts it. */
    List<CompletableFuture<Long>> appendMissing(List<LogEntryProto> entries) {
        int present = countPresent(entries);
        List<CompletableFuture<Long>> futures = new ArrayList<>(entries.size() - present + 1);
        if (present > 0) {
            // perhaps still on its way to the disk, from a request that this one repeats
            LogEntryProto newest = entries.get(present - 1);
            long index = newest.getIndex();
            CompletableFuture<Void> durable = log.writer.durable(index);
            futures.add(told(durable, "waiting for entry " + index + ", which was sent again", newest)
                    .thenApply(nothing -> index));
        }
        if (present == entries.size()) {
            return futures;
        }
        List<LogEntryProto> missing = entries.subList(present, entries.size());
        long conflict = missing.get(0).getIndex();
        TermIndex end = held.last();
        if (end != null && conflict <= end.getIndex()) {
            notifyTruncated(conflict, end.getIndex());
            futures.add(truncateFrom(conflict));
        }
        List<Context> contexts = new ArrayList<>(missing.size());
        missing.forEach(entry -> contexts.add(() -> access.transactionContext(entry, true)));
        futures.addAll(append(missing, contexts));
        return futures;
    }

    /** How many of these entries, from the first on, the log or the snapshot holds already. */
    private int countPresent(List<LogEntryProto> entries) {
        long snapshot = snapshotIndex.getAsLong();
        int present = 0;
        while (present < entries.size()) {
            LogEntryProto entry = entries.get(present);
            if (entry.getIndex() > snapshot) {
                TermIndex mine = held.heldTermIndex(entry.getIndex());
                if (mine == null || mine.getTerm() != entry.getTerm()) {
                    break;
                }
            }
            present++;
        }
        return present;
    }

    private List<CompletableFuture<Long>> append(List<LogEntryProto> entries, List<Context> contexts) {
        List<TakenEntry> taken = new ArrayList<>(entries.size());
        try {
            for (int i = 0; i < entries.size(); i++) {
                taken.add(take(entries.get(i), contexts.get(i)));
            }
        } catch (RuntimeException | Error e) {
            var unused = save(taken); // if the state machine refuses one, those before it are in the log all the same
            throw e;
        }
        return save(taken);
    }

    private TakenEntry take(LogEntryProto entry, Context context) {
        checkFollows(entry);
        CompletableFuture<?> write = data.write(entry, context.get());
        log.configurations.appended(entry);
        held.add(entry, data.cacheable(entry));
        return new TakenEntry(entry, write, data.gate(write));
    }

    /** Of every entry, where Ratis checks all but those of metadata: after a gap another one would be read for it. */
    private void checkFollows(LogEntryProto entry) {
        TermIndex last = held.last();
        long next = Math.max(last == null ? RaftLog.INVALID_LOG_INDEX : last.getIndex(), snapshotIndex.getAsLong()) + 1;
        long term = last == null ? 0 : last.getTerm();
        if (entry.getIndex() != next || entry.getTerm() < term) {
            throw new IllegalStateException(name + ": entry " + entry.getIndex() + " of term " + entry.getTerm()
                    + " can not be appended: the next one is " + next + ", of term " + term + " or later");
        }
    }

    private List<CompletableFuture<Long>> save(List<TakenEntry> taken) {
        List<CompletableFuture<Long>> futures = new ArrayList<>(taken.size());
        for (List<TakenEntry> together : TakenEntry.savedTogether(taken)) {
            TakenEntry first = together.get(0);
            CompletableFuture<Boolean> saved = told(
                    log.writer.save(together.stream().map(TakenEntry::entry).toList(), first.gate()),
                    "saving entries from " + first.index(),
                    first.entry());
            // one after the other: a failure must not wait for a state machine that never answers
            for (TakenEntry entry : together) {
                CompletableFuture<?> write = entry.write();
                futures.add(
                        write == null
                                ? saved.thenApply(kept -> entry.index())
                                : saved.thenCompose(kept -> kept ? writtenToo(entry, write) : index(entry)));
            }
        }
        held.accepted(log.group.lastIndex());
        return futures;
    }

    /** Completes with the index once the state machine has written its part of an entry, or the entry is gone. */
    private CompletableFuture<Long> writtenToo(TakenEntry taken, CompletableFuture<?> write) {
        return write.handle((result, thrown) -> {
            TermIndex mine = thrown == null ? null : held.heldTermIndex(taken.index());
            if (mine != null && mine.getTerm() == taken.entry().getTerm()) { // else nobody needs its data any more
                Throwable cause = JavaUtils.unwrapCompletionException(thrown);
                failures.failed("waiting for the state machine's part of entry " + taken.index(), cause, taken.entry());
                throw new CompletionException(cause);
            }
            return taken.index();
        });
    }

    private static CompletableFuture<Long> index(TakenEntry taken) {
        return CompletableFuture.completedFuture(taken.index());
    }

    /** The same future, one step later: by then the leader was told, or the division is closing. */
    private <T> CompletableFuture<T> told(CompletableFuture<T> durable, String doing, @Nullable LogEntryProto entry) {
        return durable.handle((result, thrown) -> {
            if (thrown != null) {
                failures.failed(doing, thrown, entry);
                throw new CompletionException(JavaUtils.unwrapCompletionException(thrown));
            }
            long flushIndex = log.group.durableIndex();
            if (flushIndex != toldFlushIndex) {
                toldFlushIndex = flushIndex;
                access.submitUpdateCommitEvent();
            }
            return result;
        });
    }

    // ---- truncating

    /** Drops this entry and all above it; the future completes with the index when that is durable. */
    CompletableFuture<Long> truncateFrom(long index) {
        TermIndex end = held.last();
        if (end == null || end.getIndex() < index) {
            return CompletableFuture.completedFuture(index);
        }
        log.configurations.truncatedFrom(index);
        held.truncateFrom(index);
        toldFlushIndex = RaftLog.INVALID_LOG_INDEX;
        CompletableFuture<Void> deleted = log.writer.truncateFrom(index);
        CompletableFuture<?> stateMachineTruncated = data.truncate(index); // may end writes that the writer waited for
        CompletableFuture<Void> truncated =
                deleted.thenCompose(nothing -> stateMachineTruncated.thenApply(result -> null));
        return told(truncated, "truncating from " + index, null).thenApply(nothing -> index);
    }

    /** Gives all entries up, because a snapshot contradicts them; storage does the same when it records that. */
    void forgetAll(long snapshot) {
        TermIndex end = held.last();
        if (end == null) {
            return;
        }
        notifyTruncated(snapshot + 1, end.getIndex()); // what the snapshot covers is the snapshot's now
        log.configurations.truncatedFrom(0);
        held.forgetAll();
        log.writer.forgetWaiting();
        // last: writes that fail because of it are nobody's any more
        var unused = data.truncate(snapshot + 1).whenComplete((result, thrown) -> {
            if (thrown != null) {
                failures.failed("truncating the state machine's data from " + (snapshot + 1), thrown, null);
            }
        });
    }

    private void notifyTruncated(long first, long lastIndex) {
        for (long index = first; index <= lastIndex; index++) {
            try {
                LogEntryProto entry = reader.get(index);
                if (entry != null) {
                    access.notifyTruncatedLogEntry(entry);
                }
            } catch (RaftLogIOException e) {
                RaftLog.LOG.error("{}: entry {} can not be read before it is truncated", name, index, e);
            }
        }
    }

    /** Made when an entry is appended, not earlier: it starts a transaction of the state machine. */
    private interface Context {
        @Nullable
        TransactionContext get();
    }
}
