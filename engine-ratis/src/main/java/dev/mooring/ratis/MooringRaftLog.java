// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.StorageObserver;
import dev.mooring.TermAndVote;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
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
import org.apache.ratis.util.AutoCloseableLock;
import org.apache.ratis.util.JavaUtils;
import org.jspecify.annotations.Nullable;

/** The log of one division of Ratis, kept in one group of a Mooring storage of its own. */
final class MooringRaftLog extends RaftLogBase {

    // What is where. Storage has the entries, their terms, the term and vote, the commit index and the
    // index of the snapshot, and answers for all of them from memory where it can. HeldEntries adds what
    // Ratis sees: which entry is the last one, those included whose data the state machine still writes,
    // and a parsed tail. LogEnd changes both where entries are appended and truncated. This class is what Ratis
    // calls.
    //
    // Threads. Ratis appends and truncates from one thread at a time, purges from another, reads from many.
    // The write lock, which is Ratis' own, orders all that changes HeldEntries. Storage completes its
    // futures on a thread that holds no lock. There, and only in this order: the flush index has risen (it
    // is storage's own), the leader is told, the future completes. Followers commit in the future's
    // continuation, a single server only when told.
    //
    // Visible first. An entry is in HeldEntries before storage gets it: the leader reads the headers of what
    // has been flushed without a lock, and one that it misses there is a configuration change that never
    // ends.

    private final RaftServer.Division division;
    private final DivisionAccess access;
    private final StateMachine stateMachine;
    private final StorageConfig config;
    private final StorageObserver observer;
    private final StateMachineSnapshotIndex snapshotIndex;
    private final StateMachineData data;
    private final boolean endsWithOneThatThrows; // a follower's appends
    private final long tailBytes;
    private final long maxEntryBytes;
    private final RaftLogMetricsBase metrics;
    private final LogFailures failures;
    private final CompletableFuture<Void> ended = new CompletableFuture<>(); // the division has closed the log
    private volatile @Nullable Opened opened; // null until Ratis first asks for the metadata

    MooringRaftLog(
            RaftServer.Division division,
            DivisionAccess access,
            RaftProperties properties,
            StorageConfig config,
            StorageObserver observer) {
        this(division, access, properties, config, observer, new StateMachineSnapshotIndex(division.getStateMachine()));
    }

    private MooringRaftLog(
            RaftServer.Division division,
            DivisionAccess access,
            RaftProperties properties,
            StorageConfig config,
            StorageObserver observer,
            StateMachineSnapshotIndex snapshotIndex) {
        super(division.getMemberId(), snapshotIndex, properties);
        this.division = division;
        this.access = access;
        this.stateMachine = division.getStateMachine();
        this.config = config;
        this.observer = observer;
        this.snapshotIndex = snapshotIndex;
        this.data = new StateMachineData(getName(), division, properties);
        this.endsWithOneThatThrows = AppendChain.isUsed(properties);
        this.tailBytes =
                RaftServerConfigKeys.Log.segmentCacheSizeMax(properties).getSize();
        this.maxEntryBytes =
                RaftServerConfigKeys.Log.Appender.bufferByteLimit(properties).getSize();
        this.metrics = new RaftLogMetricsBase(division.getMemberId());
        this.failures = new LogFailures(division, () -> {
            Opened now = opened;
            return now == null ? null : now.log;
        });
    }

    // ---- opening

    /** The first call that Ratis makes, after the state machine has loaded its snapshot: opens the log. */
    @Override
    public synchronized RaftStorageMetadata loadMetadata() throws IOException {
        if (opened == null) {
            try {
                openForTheFirstTime();
            } catch (IOException | RuntimeException | Error e) {
                closeAfter(e);
                throw e;
            }
        }
        TermAndVote state = open().group.termAndVote();
        String votedFor = state.votedFor();
        return RaftStorageMetadata.valueOf(state.currentTerm(), votedFor == null ? null : RaftPeerId.valueOf(votedFor));
    }

    private void openForTheFirstTime() throws IOException {
        snapshotIndex.stateMachineIsReady();
        updateSnapshotIndexFromStateMachine();
        open(getSnapshotIndex(), entry -> {
            if (entry.hasConfigurationEntry()) {
                access.setConfiguration(entry);
            }
        });
        super.updateCommitIndex(open().group.commitIndex(), 0, false);
    }

    /** Perhaps Ratis closed the log while it opened, when there was nothing to close yet, and will not do it again. */
    private void closeAfter(Throwable thrown) {
        try {
            close();
        } catch (IOException | RuntimeException suppressed) {
            thrown.addSuppressed(suppressed);
        }
    }

    @Override
    protected void openImpl(long lastIndexInSnapshot, Consumer<LogEntryProto> consumer) throws IOException {
        refuseTooLargeEntries();
        OpenLog log = OpenLog.open(division, config, data, failures::storageFailed, observer);
        try {
            log.joinTo(lastIndexInSnapshot);
            log.readConfigurations(consumer);
            log.markUsed();
            failures.start();
            HeldEntries held = new HeldEntries(log, tailBytes);
            opened = new Opened(
                    log,
                    held,
                    new LogEnd(getName(), log, held, data, failures, access, this::getSnapshotIndex, this::get));
        } catch (IOException | RuntimeException | Error e) {
            log.closeAfter(e);
            throw e;
        }
        LOG.info("{}: opened {}", getName(), log);
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

    // ---- term and vote

    @Override
    public void persistMetadata(RaftStorageMetadata metadata) throws IOException {
        String votedFor = metadata.getVotedFor().toString();
        try {
            // Ratis writes an empty id for no vote
            open().group
                    .saveEntries(new TermAndVote(metadata.getTerm(), votedFor.isEmpty() ? null : votedFor), List.of());
        } catch (IllegalArgumentException e) {
            // Refused before anything changed, so the storage is well. In Ratis 3.3.0 a server's own candidacy and its
            // vote
            // for another candidate do not exclude each other; when they meet it asks for a second vote in a term.
            LOG.warn("{}: {} is refused; the call that needs it fails", getName(), metadata, e);
            throw new IOException(getName() + ": " + metadata + " is refused: " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            failures.failed("saving " + metadata, e, null);
            throw e;
        }
    }

    // ---- appending and truncating

    @Override
    protected CompletableFuture<Long> appendEntryImpl(LogEntryProto entry, @Nullable TransactionContext context) {
        checkLogState();
        if (failures.happened()) { // as of a closed log, which is what Ratis expects after a failure
            throw new IllegalStateException(closing(), failures.cause());
        }
        AutoCloseableLock lock = writeLock();
        try {
            CompletableFuture<Long> appended = end().append(entry, context);
            // RaftLogBase closes the log when this fails, under those who read it. The division stops them first
            return appended.exceptionallyCompose(thrown -> ended.thenCompose(nothing -> appended));
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
        if (failures.happened()) { // what is present may lack the state machine's part
            return List.of(CompletableFuture.failedFuture(new RaftLogIOException(closing(), failures.cause())));
        }
        try {
            return appendMissing(entries);
        } catch (RuntimeException | Error e) {
            if (endsWithOneThatThrows) { // all that come after it would wait for ever
                failures.failed("appending entries from " + entries.get(0).getIndex(), e, entries.get(0));
            }
            throw e;
        }
    }

    private List<CompletableFuture<Long>> appendMissing(List<LogEntryProto> entries) {
        AutoCloseableLock lock = writeLock();
        try {
            return end().appendMissing(entries);
        } finally {
            lock.close();
        }
    }

    private String closing() {
        return getName() + ": the log has failed, and this division is closing";
    }

    @Override
    protected CompletableFuture<Long> truncateImpl(long index) {
        checkLogState();
        AutoCloseableLock lock = writeLock();
        try {
            return end().truncateFrom(index);
        } finally {
            lock.close();
        }
    }

    // ---- snapshots and purging

    @Override
    protected CompletableFuture<Long> purgeImpl(long index) {
        OpenLog log = open();
        try {
            SnapshotInfo snapshot = log.snapshots.latest();
            if (snapshot == null) {
                LOG.warn(
                        "{}: purge({}) keeps everything: the state machine has no snapshot, and the entries are the only"
                                + " copy",
                        getName(),
                        index);
            }
            if (snapshot == null || snapshot.getIndex() < log.group.firstIndex()) { // all that it covers is gone
                return CompletableFuture.completedFuture(log.group.firstIndex() - 1);
            }
            if (snapshot.getIndex() > getLastCommittedIndex()) {
                // The state machine fetched it, and Ratis has yet to tell of it: the log may end before it, or
                // contradict it
                LOG.info("{}: purge({}) keeps everything: {} is yet to be installed", getName(), index, snapshot);
                return CompletableFuture.completedFuture(log.group.firstIndex() - 1);
            }
            updateSnapshotIndex(snapshot.getIndex());
            log.record(snapshot); // not under the lock: it waits for the disk
            return CompletableFuture.completedFuture(release(log, Math.min(index, snapshot.getIndex())));
        } catch (IOException | RuntimeException e) {
            failures.failed("purging to " + index, e, null);
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<Long> onSnapshotInstalled(long lastSnapshotIndex) {
        AutoCloseableLock lock = writeLock();
        try {
            OpenLog log = open();
            log.snapshots.forceInstalled();
            long term = log.snapshots.term(lastSnapshotIndex);
            HeldEntries held = held();
            TermIndex mine = held.heldTermIndex(lastSnapshotIndex);
            if (mine != null && mine.getTerm() == term) {
                log.configurations.committedTo(lastSnapshotIndex, null); // log matching: all up to here is the leader's
            } else {
                log.configurations.forgetTo(lastSnapshotIndex);
            }
            boolean contradicts = mine != null && term != RaftStorage.UNKNOWN_TERM && mine.getTerm() != term;
            if (contradicts) { // Raft §7: the whole log goes, as it does in storage
                end().forgetAll(lastSnapshotIndex);
            }
            log.writer.recordSnapshot(lastSnapshotIndex, term);
            log.group.releaseLock(lastSnapshotIndex);
            held.droppedTo(lastSnapshotIndex);
            updateSnapshotIndex(lastSnapshotIndex);
            updatePurgeIndex(log.group.firstIndex() - 1);
            return CompletableFuture.completedFuture(log.group.firstIndex() - 1);
        } catch (IOException | RuntimeException e) {
            failures.failed("recording the installed snapshot at " + lastSnapshotIndex, e, null);
            return CompletableFuture.failedFuture(e);
        } finally {
            lock.close();
        }
    }

    /** Lets go of entries that a snapshot covers; returns the index of the last one that is gone. */
    private long release(OpenLog log, long index) throws IOException {
        AutoCloseableLock lock = writeLock();
        try {
            log.group.releaseLock(index);
            long gone = log.group.firstIndex() - 1;
            held().droppedTo(gone);
            return gone;
        } finally {
            lock.close();
        }
    }

    @Override
    public void updateSnapshotIndex(long newSnapshotIndex) {
        if (!failures.happened()) {
            super.updateSnapshotIndex(newSnapshotIndex);
        }
    }

    // ---- committing

    @Override
    public boolean updateCommitIndex(long majorityIndex, long currentTerm, boolean isLeader) {
        if (failures.happened() || !super.updateCommitIndex(majorityIndex, currentTerm, isLeader)) {
            return false;
        }
        OpenLog log = open();
        try {
            long index = getLastCommittedIndex();
            log.configurations.committedTo(index, division.getRaftConf());
            log.group.commitIndex(index);
        } catch (IOException | RuntimeException e) {
            failures.failed("accepting commit index " + getLastCommittedIndex(), e, null);
        }
        return true;
    }

    /** After a failure at most what is applied: Ratis' updater waits for the rest, and would for ever. */
    @Override
    public long getLastCommittedIndex() {
        long committed = super.getLastCommittedIndex();
        if (failures.happened()) {
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
        try {
            LogEntryProto entry = held().get(index);
            if (entry == null) {
                checkLogState(); // of a log that is closed meanwhile nobody may think that it lacks entries
            }
            return entry;
        } catch (IOException e) {
            if (e instanceof StorageException.Corrupted) {
                failures.failed("reading entry " + index, e, null);
            }
            throw new RaftLogIOException(getName() + ": entry " + index + " can not be read", e);
        }
    }

    /** Also of the entry before the first one, if its term is known: a leader sends it along with the first one. */
    @Override
    public @Nullable TermIndex getTermIndex(long index) {
        checkLogState();
        TermIndex found = held().termIndex(index);
        if (found == null) {
            checkLogState(); // as above
        }
        return found;
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
            return newEntryWithData(entry, data.read(entry, access.transactionContext(entry, false)));
        } catch (RuntimeException e) {
            throw new RaftLogIOException(data.unreadable(entry), JavaUtils.unwrapCompletionException(e));
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
        try {
            return held().headers(startIndex, endIndex, this::get);
        } catch (RaftLogIOException | RuntimeException | Error e) {
            // thrown out of a leader's thread of events, which ends of it: the division must not go on leading
            failures.failed("reading the headers of entries from " + startIndex, e, null);
            throw new IllegalStateException(e);
        }
    }

    /** The first entry that can be sent to a follower; -1 if there is none. */
    @Override
    public long getStartIndex() {
        Opened now = opened;
        return now == null ? INVALID_LOG_INDEX : now.held.startIndex();
    }

    @Override
    public long getFlushIndex() {
        Opened now = opened;
        return now == null ? INVALID_LOG_INDEX : now.log.group.durableIndex();
    }

    @Override
    public @Nullable TermIndex getLastEntryTermIndex() {
        checkLogState();
        return held().last();
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
        boolean first = failures.close(); // before anything fails because it is closed
        super.close();
        Opened now = opened;
        if (first) {
            metrics.unregister();
            if (now != null) {
                now.log.writer.fail(new RaftLogIOException(getName() + " is closed"));
            }
        }
        try {
            if (now != null) {
                now.log.storage.close(); // who comes second waits here: next in Ratis is to let go of the directory
            }
        } finally {
            if (now != null) {
                now.held.close(); // a division that has failed stays in its server's map
            }
            ended.complete(null);
        }
    }

    private OpenLog open() {
        return opened().log;
    }

    private HeldEntries held() {
        return opened().held;
    }

    private LogEnd end() {
        return opened().end;
    }

    private Opened opened() {
        Opened now = opened;
        if (now == null) {
            throw new IllegalStateException(getName() + " is not open: Ratis has not started this division yet");
        }
        return now;
    }

    /** All at once: who sees the log open sees what it holds. */
    private record Opened(OpenLog log, HeldEntries held, LogEnd end) {}
}
