// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.StorageObserver;
import dev.mooring.TermAndVote;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.metrics.RaftLogMetricsBase;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.LogEntryHeader;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.server.raftlog.RaftLogBase;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachine;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.AutoCloseableLock;
import org.apache.ratis.util.JavaUtils;
import org.jspecify.annotations.Nullable;

/** The log of one division of Ratis, kept in one group of a Mooring storage of its own. */
final class MooringRaftLog extends RaftLogBase {

    // What is where. Storage has the entries, their terms, the term and vote, the commit index and the index of the
    // snapshot, and answers for all of them from memory where it can. This class adds what Ratis sees: which entry is
    // the last one, those included whose data the state machine still writes, and a parsed tail.
    //
    // Threads. Ratis appends and truncates from one thread at a time, purges from another, reads from many. The write
    // lock, which is Ratis' own, orders all that changes `last`. Storage completes its futures on a thread that holds
    // no lock. There, and only in this order: the flush index has risen (it is storage's own), the leader is told, the
    // future completes. Followers commit in the future's continuation, a single server only when told.
    //
    // Visible first. An entry is in `tail` and `last` before storage gets it: the leader reads the headers of what has
    // been flushed without a lock, and one that it misses there is a configuration change that never ends.

    private final RaftServer.Division division;
    private final DivisionAccess access;
    private final StateMachine stateMachine;
    private final StorageConfig config;
    private final StateMachineSnapshotIndex snapshotIndex;
    private final StateMachineData data;
    private final ParsedTail tail;
    private final long maxEntryBytes;
    private final RaftLogMetricsBase metrics;
    private final FailStop failStop;
    private volatile @Nullable Open open; // null until Ratis first asks for the metadata
    private volatile @Nullable TermIndex last; // null while the log is empty
    private volatile long toldFlushIndex = INVALID_LOG_INDEX; // the last one that the leader was told of
    private final AtomicBoolean closed = new AtomicBoolean();

    MooringRaftLog(
            RaftServer.Division division, DivisionAccess access, RaftProperties properties, StorageConfig config) {
        this(division, access, properties, config, new StateMachineSnapshotIndex(division.getStateMachine()));
    }

    private MooringRaftLog(
            RaftServer.Division division,
            DivisionAccess access,
            RaftProperties properties,
            StorageConfig config,
            StateMachineSnapshotIndex snapshotIndex) {
        super(division.getMemberId(), snapshotIndex, properties);
        this.division = division;
        this.access = access;
        this.stateMachine = division.getStateMachine();
        this.config = config;
        this.snapshotIndex = snapshotIndex;
        this.data = new StateMachineData(division, properties);
        this.tail = new ParsedTail(
                RaftServerConfigKeys.Log.segmentCacheSizeMax(properties).getSize());
        this.maxEntryBytes =
                RaftServerConfigKeys.Log.Appender.bufferByteLimit(properties).getSize();
        this.metrics = new RaftLogMetricsBase(division.getMemberId());
        this.failStop = new FailStop(division);
    }

    // ---- opening

    /** The first call that Ratis makes, after the state machine has loaded its snapshot: opens the log. */
    @Override
    public synchronized RaftStorageMetadata loadMetadata() throws IOException {
        if (open == null) {
            snapshotIndex.stateMachineIsReady();
            updateSnapshotIndexFromStateMachine();
            open(getSnapshotIndex(), entry -> {
                if (entry.hasConfigurationEntry()) {
                    access.setConfiguration(entry);
                }
            });
            super.updateCommitIndex(open().group.commitIndex(), 0, false);
        }
        TermAndVote state = open().group.termAndVote();
        String votedFor = state.votedFor();
        return RaftStorageMetadata.valueOf(state.currentTerm(), votedFor == null ? null : RaftPeerId.valueOf(votedFor));
    }

    @Override
    protected void openImpl(long lastIndexInSnapshot, Consumer<LogEntryProto> consumer) throws IOException {
        DivisionDirectory directory =
                new DivisionDirectory(division.getMemberId().toString(), division.getRaftStorage());
        refuseTooLargeEntries();
        boolean mustExist = directory.prepare();
        StorageConfig own = config.withDirectory(directory.storage());
        if (mustExist) {
            own = own.with("mooring.create", "never");
        }
        RaftStorage storage = RaftStorage.open(own, new Observer(directory.storage()));
        try {
            Open opened = new Open(
                    storage,
                    group(storage),
                    new SnapshotFiles(stateMachine, division.getRaftStorage()),
                    division.getId().toString(),
                    data);
            joinToSnapshot(opened, lastIndexInSnapshot);
            last = lastOf(opened.group);
            readConfigurations(opened, consumer);
            directory.markUsed();
            open = opened;
            LOG.info(
                    "{}: opened {} on backend {}: {}..{}, durable to {}, committed to {}, {}",
                    getName(),
                    storage.directory(),
                    storage.backend(),
                    opened.group.firstIndex(),
                    opened.group.lastIndex(),
                    opened.group.durableIndex(),
                    opened.group.commitIndex(),
                    opened.group.termAndVote());
        } catch (IOException | RuntimeException e) {
            try {
                storage.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /** An entry that Ratis takes and storage refuses would close the division in the middle of its work. */
    private void refuseTooLargeEntries() throws StorageException {
        if (maxEntryBytes > Math.min(config.maxPayloadBytes(), config.maxUpdateBytes())) {
            throw new StorageException.Refused(getName() + ": Ratis is configured for entries of up to " + maxEntryBytes
                    + " bytes (" + RaftServerConfigKeys.Log.Appender.BUFFER_BYTE_LIMIT_KEY + "), but Mooring for "
                    + config.maxPayloadBytes() + " (mooring.max-payload-bytes) and " + config.maxUpdateBytes()
                    + " a save (mooring.max-update-bytes). Raise these two, or lower that one");
        }
    }

    private RaftGroup group(RaftStorage storage) throws StorageException {
        String name = division.getMemberId().getGroupId().getUuid().toString();
        for (String found : storage.groups()) {
            if (!found.equals(name)) {
                throw new StorageException.Refused(storage.directory() + " holds the log of group " + found
                        + ", but this is group " + name + ". Give each division its own directory");
            }
        }
        return storage.group(name);
    }

    /** Lets log and snapshot join: Ratis would not notice a gap between them, and wait for ever. */
    private void joinToSnapshot(Open opened, long snapshot) throws IOException {
        SnapshotInfo latest = opened.snapshots.latest();
        if (latest != null && latest.getIndex() == snapshot) {
            record(opened, latest);
        }
        long first = opened.group.firstIndex();
        if (first > snapshot + 1) {
            throw new StorageException.Corrupted("Group '" + opened.group.name() + "': the log in "
                    + opened.storage.directory() + " starts at " + first + ", but the state machine's newest snapshot "
                    + (snapshot < 0 ? "is missing" : "ends at " + snapshot) + ", so entries "
                    + (snapshot + 1) + ".." + (first - 1) + " are lost. Bring the snapshot back, or rebuild this server"
                    + " from its peers");
        }
    }

    private static void readConfigurations(Open opened, Consumer<LogEntryProto> consumer) throws IOException {
        LogEntryProto committed = opened.configurations.committed();
        if (committed != null) {
            consumer.accept(committed);
        }
        long from = Math.max(opened.group.firstIndex(), opened.configurations.knownIndex() + 1);
        if (from <= opened.group.lastIndex()) {
            opened.group.read(from, opened.group.lastIndex(), Long.MAX_VALUE, stored -> {
                LogEntryProto entry = LogEntries.fromStorage(stored);
                opened.configurations.appended(entry);
                consumer.accept(entry);
                return true;
            });
        }
    }

    // ---- term and vote

    @Override
    public void persistMetadata(RaftStorageMetadata metadata) throws IOException {
        String votedFor = metadata.getVotedFor().toString();
        try {
            // Ratis writes an empty id for no vote
            open().group
                    .saveEntries(new TermAndVote(metadata.getTerm(), votedFor.isEmpty() ? null : votedFor), List.of());
        } catch (IOException | RuntimeException e) {
            failed("saving " + metadata, e, null);
            throw e;
        }
    }

    // ---- appending

    @Override
    protected CompletableFuture<Long> appendEntryImpl(LogEntryProto entry, @Nullable TransactionContext context) {
        checkLogState();
        AutoCloseableLock lock = writeLock();
        try {
            return append(List.of(entry), List.of(() -> context)).get(0);
        } finally {
            lock.close();
        }
    }

    @Override
    protected List<CompletableFuture<Long>> appendImpl(@Nullable List<LogEntryProto> entries) {
        checkLogState();
        if (entries == null || entries.isEmpty()) {
            return List.of();
        }
        AutoCloseableLock lock = writeLock();
        try {
            int present = countPresent(entries);
            List<CompletableFuture<Long>> futures = new ArrayList<>(entries.size() - present + 1);
            if (present > 0) {
                // perhaps still on its way to the disk, from a request that this one repeats
                long index = entries.get(present - 1).getIndex();
                futures.add(open().writer.durable(index).thenApply(nothing -> index));
            }
            if (present == entries.size()) {
                return futures;
            }
            List<LogEntryProto> missing = entries.subList(present, entries.size());
            long conflict = missing.get(0).getIndex();
            TermIndex end = last;
            if (end != null && conflict <= end.getIndex()) {
                notifyTruncated(conflict, end.getIndex());
                futures.add(truncate(conflict));
            }
            List<Context> contexts = new ArrayList<>(missing.size());
            missing.forEach(entry -> contexts.add(() -> access.transactionContext(entry, true)));
            futures.addAll(append(missing, contexts));
            return futures;
        } finally {
            lock.close();
        }
    }

    /** How many of these entries, from the first on, the log or the snapshot holds already. */
    private int countPresent(List<LogEntryProto> entries) {
        long snapshot = getSnapshotIndex();
        int present = 0;
        while (present < entries.size()) {
            LogEntryProto entry = entries.get(present);
            if (entry.getIndex() > snapshot) {
                TermIndex mine = heldTermIndex(entry.getIndex());
                if (mine == null || mine.getTerm() != entry.getTerm()) {
                    break;
                }
            }
            present++;
        }
        return present;
    }

    private List<CompletableFuture<Long>> append(List<LogEntryProto> entries, List<Context> contexts) {
        List<@Nullable CompletableFuture<?>> written = new ArrayList<>(entries.size());
        List<CompletableFuture<?>> gates = new ArrayList<>();
        int accepted = 0;
        try {
            for (LogEntryProto entry : entries) {
                validateLogEntry(entry);
                CompletableFuture<?> write =
                        data.write(entry, contexts.get(accepted).get());
                written.add(write);
                CompletableFuture<?> gate = data.gate(write);
                if (gate != null) {
                    gates.add(gate);
                }
                open().configurations.appended(entry);
                tail.add(data.cacheable(entry));
                last = TermIndex.valueOf(entry);
                accepted++;
            }
        } finally {
            // if the state machine refuses one, those before it are in the log all the same
            if (accepted > 0 && accepted < entries.size()) {
                save(entries.subList(0, accepted), written, gates);
            }
        }
        return save(entries, written, gates);
    }

    private List<CompletableFuture<Long>> save(
            List<LogEntryProto> entries,
            List<@Nullable CompletableFuture<?>> written,
            List<CompletableFuture<?>> gates) {
        Open log = open();
        CompletableFuture<?> gate =
                gates.isEmpty() ? null : CompletableFuture.allOf(gates.toArray(new CompletableFuture<?>[0]));
        CompletableFuture<Void> durable = told(
                log.writer.save(entries, gate),
                "saving entries from " + entries.get(0).getIndex(),
                entries.get(0));
        tail.shrink(log.group.lastIndex());
        List<CompletableFuture<Long>> futures = new ArrayList<>(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            Long index = entries.get(i).getIndex();
            CompletableFuture<?> write = written.get(i);
            // one after the other: a failure must not wait for a state machine that never answers
            futures.add(
                    write == null
                            ? durable.thenApply(nothing -> index)
                            : durable.thenCompose(nothing -> write.thenApply(result -> index)));
        }
        return futures;
    }

    /** The same future, one step later: by then the leader was told, or the division is closing. */
    private CompletableFuture<Void> told(CompletableFuture<Void> durable, String doing, @Nullable LogEntryProto entry) {
        return durable.handle((nothing, thrown) -> {
            if (thrown != null) {
                failed(doing, thrown, entry);
                throw new CompletionException(JavaUtils.unwrapCompletionException(thrown));
            }
            long flushIndex = getFlushIndex();
            if (flushIndex != toldFlushIndex) {
                toldFlushIndex = flushIndex;
                access.submitUpdateCommitEvent();
            }
            return null;
        });
    }

    // ---- truncating

    @Override
    protected CompletableFuture<Long> truncateImpl(long index) {
        checkLogState();
        AutoCloseableLock lock = writeLock();
        try {
            TermIndex end = last;
            if (end == null || end.getIndex() < index) {
                return CompletableFuture.completedFuture(index);
            }
            Open log = open();
            TermIndex before = heldTermIndex(index - 1);
            log.configurations.truncatedFrom(index);
            tail.truncateFrom(index);
            last = before;
            toldFlushIndex = INVALID_LOG_INDEX;
            CompletableFuture<?> stateMachineTruncated = data.truncate(index);
            CompletableFuture<Void> truncated = log.writer
                    .truncateFrom(index)
                    .thenCompose(nothing -> stateMachineTruncated.thenApply(result -> null));
            return told(truncated, "truncating from " + index, null).thenApply(nothing -> index);
        } finally {
            lock.close();
        }
    }

    private void notifyTruncated(long first, long lastIndex) {
        for (long index = first; index <= lastIndex; index++) {
            try {
                LogEntryProto entry = get(index);
                if (entry != null) {
                    access.notifyTruncatedLogEntry(entry);
                }
            } catch (RaftLogIOException e) {
                LOG.error("{}: entry {} can not be read before it is truncated", getName(), index, e);
            }
        }
    }

    // ---- snapshots and purging

    @Override
    protected CompletableFuture<Long> purgeImpl(long index) {
        Open log = open();
        try {
            updateSnapshotIndexFromStateMachine();
            SnapshotInfo snapshot = log.snapshots.latest();
            if (snapshot == null || snapshot.getIndex() < log.group.firstIndex()) {
                LOG.warn(
                        "{}: purge({}) keeps everything: the state machine's newest snapshot is {}, and entries above it"
                                + " are the only copy",
                        getName(),
                        index,
                        snapshot);
                return CompletableFuture.completedFuture(log.group.firstIndex() - 1);
            }
            record(log, snapshot); // not under the lock: it waits for the disk
            return CompletableFuture.completedFuture(release(log, Math.min(index, snapshot.getIndex())));
        } catch (IOException | RuntimeException e) {
            failed("purging to " + index, e, null);
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<Long> onSnapshotInstalled(long lastSnapshotIndex) {
        AutoCloseableLock lock = writeLock();
        try {
            Open log = open();
            log.snapshots.forceInstalled();
            long term = log.snapshots.term(lastSnapshotIndex);
            log.configurations.committedTo(lastSnapshotIndex, null);
            TermIndex mine = heldTermIndex(lastSnapshotIndex);
            boolean contradicts = mine != null && term != RaftStorage.UNKNOWN_TERM && mine.getTerm() != term;
            if (contradicts) { // Raft §7: the whole log goes, as it does in storage
                log.configurations.truncatedFrom(0);
                tail.truncateFrom(0);
            }
            log.writer.coveredTo(contradicts ? Long.MAX_VALUE : lastSnapshotIndex);
            log.group.recordSnapshot(lastSnapshotIndex, term);
            log.group.releaseLock(lastSnapshotIndex);
            tail.dropTo(lastSnapshotIndex);
            TermIndex end = last;
            if (contradicts || (end != null && end.getIndex() <= lastSnapshotIndex)) {
                last = null;
            }
            updateSnapshotIndex(lastSnapshotIndex);
            updatePurgeIndex(log.group.firstIndex() - 1);
            return CompletableFuture.completedFuture(log.group.firstIndex() - 1);
        } catch (IOException | RuntimeException e) {
            failed("recording the installed snapshot at " + lastSnapshotIndex, e, null);
            return CompletableFuture.failedFuture(e);
        } finally {
            lock.close();
        }
    }

    /** Lets go of entries that a snapshot covers; returns the index of the last one that is gone. */
    private long release(Open log, long index) throws IOException {
        AutoCloseableLock lock = writeLock();
        try {
            log.group.releaseLock(index);
            long gone = log.group.firstIndex() - 1;
            tail.dropTo(gone);
            TermIndex end = last;
            if (end != null && end.getIndex() <= gone) {
                last = null;
            }
            return gone;
        } finally {
            lock.close();
        }
    }

    private static void record(Open log, SnapshotInfo snapshot) throws IOException {
        var known = log.group.snapshot();
        if (known == null || known.index() < snapshot.getIndex()) {
            log.snapshots.force(snapshot);
            if (snapshot.getTerm() > log.group.termAndVote().currentTerm()) {
                // a new server that was given another one's snapshot has seen that term (rule STATE-6)
                log.group.saveEntries(new TermAndVote(snapshot.getTerm(), null), List.of());
            }
            log.group.recordSnapshot(snapshot.getIndex(), snapshot.getTerm());
        }
    }

    @Override
    public void updateSnapshotIndex(long newSnapshotIndex) {
        if (!failStop.happened()) {
            super.updateSnapshotIndex(newSnapshotIndex);
        }
    }

    // ---- committing

    @Override
    public boolean updateCommitIndex(long majorityIndex, long currentTerm, boolean isLeader) {
        if (failStop.happened() || !super.updateCommitIndex(majorityIndex, currentTerm, isLeader)) {
            return false;
        }
        Open log = open();
        try {
            long index = getLastCommittedIndex();
            log.configurations.committedTo(index, division.getRaftConf());
            log.group.commitIndex(index);
        } catch (IOException | RuntimeException e) {
            failed("accepting commit index " + getLastCommittedIndex(), e, null);
        }
        return true;
    }

    /** After a failure at most what is applied: Ratis' updater waits for the rest, and would for ever. */
    @Override
    public long getLastCommittedIndex() {
        long committed = super.getLastCommittedIndex();
        if (failStop.happened()) {
            try {
                return Math.min(committed, division.getInfo().getLastAppliedIndex());
            } catch (IllegalStateException e) {
                return committed; // the division has not started its updater yet
            }
        }
        return committed;
    }

    // ---- reading

    @Override
    public @Nullable LogEntryProto get(long index) throws RaftLogIOException {
        checkLogState();
        LogEntryProto recent = tail.get(index);
        if (recent != null) {
            return recent;
        }
        try {
            var stored = open().group.get(index);
            return stored == null ? null : LogEntries.fromStorage(stored);
        } catch (IOException e) {
            if (e instanceof StorageException.Corrupted) {
                failed("reading entry " + index, e, null);
            }
            throw new RaftLogIOException(getName() + ": entry " + index + " can not be read", e);
        }
    }

    /** Also of the entry before the first one, if its term is known: a leader sends it along with the first one. */
    @Override
    public @Nullable TermIndex getTermIndex(long index) {
        checkLogState();
        TermIndex held = heldTermIndex(index);
        if (held != null) {
            return held;
        }
        RaftGroup group = open().group;
        long term = index >= 0 && index == group.firstIndex() - 1 ? group.term(index) : RaftStorage.UNKNOWN_TERM;
        return term == RaftStorage.UNKNOWN_TERM ? null : TermIndex.valueOf(term, index);
    }

    /** Term and index of an entry that the log holds. */
    private @Nullable TermIndex heldTermIndex(long index) {
        TermIndex end = last;
        if (end == null || index > end.getIndex()) {
            return null;
        }
        if (index == end.getIndex()) {
            return end;
        }
        LogEntryProto recent = tail.get(index);
        if (recent != null) {
            return TermIndex.valueOf(recent);
        }
        RaftGroup group = open().group;
        long term =
                index < group.firstIndex() || index > group.lastIndex() ? RaftStorage.UNKNOWN_TERM : group.term(index);
        return term == RaftStorage.UNKNOWN_TERM ? null : TermIndex.valueOf(term, index);
    }

    @Override
    public EntryWithData getEntryWithData(long index) throws RaftLogIOException {
        LogEntryProto entry = get(index);
        if (entry == null) {
            throw new RaftLogIOException(getName() + ": entry " + index + " is not in the log, which holds "
                    + getStartIndex() + ".." + (getNextIndex() - 1));
        }
        if (!LogProtoUtils.isStateMachineDataEmpty(entry)) {
            return newEntryWithData(entry, null);
        }
        try {
            CompletableFuture<ByteString> kept = stateMachine
                    .data()
                    .read(entry, access.transactionContext(entry, false))
                    .exceptionally(e -> {
                        stateMachine.event().notifyLogFailed(e, entry);
                        throw new CompletionException(
                                getName() + ": the state machine can not read its data of " + toLogEntryString(entry),
                                e);
                    });
            return newEntryWithData(entry, kept);
        } catch (RuntimeException e) {
            throw new RaftLogIOException(
                    getName() + ": the state machine can not read its data of " + toLogEntryString(entry),
                    JavaUtils.unwrapCompletionException(e));
        }
    }

    @Override
    public LogEntryHeader[] getEntries(long startIndex, long endIndex) {
        checkLogState();
        long first = open().group.firstIndex();
        if (startIndex < first) {
            throw new IndexOutOfBoundsException(
                    getName() + ": entries from " + startIndex + " were asked for, but the log starts at " + first);
        }
        TermIndex end = last;
        long until = end == null ? startIndex : Math.min(endIndex, end.getIndex() + 1);
        if (until <= startIndex) {
            return LogEntryHeader.EMPTY_ARRAY;
        }
        LogEntryHeader[] headers = new LogEntryHeader[Math.toIntExact(until - startIndex)];
        for (int i = 0; i < headers.length; i++) {
            LogEntryProto entry;
            try {
                entry = get(startIndex + i);
            } catch (RaftLogIOException e) {
                throw new IllegalStateException(e);
            }
            if (entry == null) {
                return Arrays.copyOf(headers, i); // truncated or purged meanwhile
            }
            headers[i] = LogEntryHeader.valueOf(entry);
        }
        return headers;
    }

    /**
     * The first entry that can be sent to a follower, which needs the term of the one before; -1 if there is none. Ratis
     * before 3.3.0 would neither send an entry without that, nor a snapshot to a follower that asks for the first entry.
     */
    @Override
    public long getStartIndex() {
        Open log = open;
        TermIndex end = last;
        if (log == null || end == null) {
            return INVALID_LOG_INDEX;
        }
        long first = log.group.firstIndex();
        if (first > LEAST_VALID_LOG_INDEX && log.group.term(first - 1) == RaftStorage.UNKNOWN_TERM) {
            first++;
        }
        return first <= end.getIndex() ? first : INVALID_LOG_INDEX;
    }

    @Override
    public long getFlushIndex() {
        Open log = open;
        return log == null ? INVALID_LOG_INDEX : log.group.durableIndex();
    }

    @Override
    public @Nullable TermIndex getLastEntryTermIndex() {
        checkLogState();
        return last;
    }

    @Override
    public RaftLogMetricsBase getRaftLogMetrics() {
        return metrics;
    }

    @Override
    public String toLogEntryString(LogEntryProto entry) {
        return LogProtoUtils.toLogEntryString(entry, stateMachine::toStateMachineLogEntryString);
    }

    // ---- ending

    @Override
    public void close() throws IOException {
        if (failStop.happened() && !division.getInfo().getLifeCycleState().isClosingOrClosed()) {
            // RaftLogBase closes the log when an append fails. Not before the division has stopped those who read it
            return;
        }
        super.close();
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        metrics.unregister();
        Open log = open;
        if (log != null) {
            log.writer.fail(new RaftLogIOException(getName() + " is closed"));
            log.storage.close();
        }
    }

    private void failed(String doing, Throwable thrown, @Nullable LogEntryProto entry) {
        Open log = open;
        if (log != null && !closed.get()) {
            Throwable cause = JavaUtils.unwrapCompletionException(thrown);
            failStop.fail(doing, log.storage.directory(), cause, entry);
            log.writer.fail(cause);
        }
    }

    private Open open() {
        Open log = open;
        if (log == null) {
            throw new IllegalStateException(getName() + " is not open: Ratis has not started this division yet");
        }
        return log;
    }

    private static @Nullable TermIndex lastOf(RaftGroup group) {
        long index = group.lastIndex();
        return index < group.firstIndex() ? null : TermIndex.valueOf(group.term(index), index);
    }

    /** Made when an entry is appended, not earlier: it starts a transaction of the state machine. */
    private interface Context {
        @Nullable
        TransactionContext get();
    }

    /** What exists once the log is open. */
    private static final class Open {
        private final RaftStorage storage;
        private final RaftGroup group;
        private final SnapshotFiles snapshots;
        private final Configurations configurations;
        private final LogWriter writer;

        private Open(
                RaftStorage storage, RaftGroup group, SnapshotFiles snapshots, String serverId, StateMachineData data)
                throws IOException {
            this.storage = storage;
            this.group = group;
            this.snapshots = snapshots;
            this.configurations = new Configurations(group, serverId);
            this.writer = new LogWriter(group, data::flush);
        }
    }

    /** Index of the state machine's newest snapshot; none until the state machine has looked for it. */
    private static final class StateMachineSnapshotIndex implements LongSupplier {
        private final StateMachine stateMachine;
        private volatile boolean ready;

        private StateMachineSnapshotIndex(StateMachine stateMachine) {
            this.stateMachine = stateMachine;
        }

        private void stateMachineIsReady() {
            ready = true;
        }

        @Override
        public long getAsLong() {
            SnapshotInfo latest = ready ? stateMachine.getLatestSnapshot() : null;
            return latest == null ? INVALID_LOG_INDEX : Math.max(INVALID_LOG_INDEX, latest.getIndex());
        }
    }

    private final class Observer implements StorageObserver {
        private final Path directory;

        private Observer(Path directory) {
            this.directory = directory;
        }

        @Override
        public void repaired(Repair repair) {
            LOG.warn("{}: {}", getName(), repair);
        }

        @Override
        public void failed(Throwable cause) {
            if (open == null) {
                return; // the start fails, and says why
            }
            StorageException.Failed failed = cause instanceof StorageException.Failed known
                    ? known
                    : new StorageException.Failed(directory + ": " + cause.getMessage(), cause);
            failStop.fail("writing", directory, failed, null);
        }
    }
}
