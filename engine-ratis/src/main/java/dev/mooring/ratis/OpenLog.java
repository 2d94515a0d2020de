// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.StorageInfo;
import dev.mooring.StorageObserver;
import dev.mooring.TermAndVote;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.jspecify.annotations.Nullable;

/** The storage of one division while it is open, in Ratis' terms. */
final class OpenLog {

    final RaftStorage storage;
    final RaftGroup group;
    final SnapshotFiles snapshots;
    final Configurations configurations;
    final LogWriter writer;
    private final DivisionDirectory directory;

    private OpenLog(
            RaftServer.Division division,
            DivisionDirectory directory,
            RaftStorage storage,
            StateMachineData data,
            long maxSaveBytes)
            throws IOException {
        this.directory = directory;
        this.storage = storage;
        this.group = group(division, storage);
        this.snapshots = new SnapshotFiles(division.getStateMachine(), division.getRaftStorage());
        this.configurations = new Configurations(group, division.getId().toString());
        this.writer = new LogWriter(group, maxSaveBytes, data::patience, data::flush);
    }

    /**
     * Opens the storage in the division's directory.
     *
     * @param failed is told of the directory and the cause if the storage fails, on any thread
     * @param observer the user's; is told of everything, of a failure after {@code failed}
     */
    static OpenLog open(
            RaftServer.Division division,
            StorageConfig config,
            StateMachineData data,
            BiConsumer<Path, StorageException.Failed> failed,
            StorageObserver observer)
            throws IOException {
        String member = division.getMemberId().toString();
        DivisionDirectory directory = new DivisionDirectory(member, division.getRaftStorage());
        boolean mustExist = directory.prepare();
        StorageConfig own = config.withDirectory(directory.storage());
        if (mustExist) {
            refuseOtherNode(directory.storage(), own.node());
            own = own.with("mooring.create", "never");
        }
        RaftStorage storage =
                RaftStorage.open(own, new DivisionObserver(member, directory.storage(), failed, observer));
        try {
            return new OpenLog(division, directory, storage, data, own.maxUpdateBytes());
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(storage, e);
            throw e;
        }
    }

    /** The storage would be looked for in another directory, and be missing there. */
    private static void refuseOtherNode(Path directory, @Nullable String node) throws IOException {
        if (node != null && StorageInfo.read(directory) != null) {
            throw new StorageException.Refused(directory + " was begun without mooring.node, which is '" + node
                    + "' now. Nothing was changed. Leave it away: a division has a directory of its own");
        }
    }

    private static RaftGroup group(RaftServer.Division division, RaftStorage storage) throws StorageException {
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
    void joinTo(long snapshot) throws IOException {
        SnapshotInfo latest = snapshots.latest();
        if (latest != null && latest.getIndex() == snapshot) {
            if (covers(latest)) {
                // committed, but not as far as storage knows; once the snapshot is recorded nobody looks there any more
                readUncommitted(snapshot, configurations::appended);
            }
            record(latest);
        }
        long first = group.firstIndex();
        if (first > snapshot + 1) {
            throw new StorageException.Corrupted("Group '" + group.name() + "': the log in " + storage.directory()
                    + " starts at " + first + ", but the state machine's newest snapshot "
                    + (snapshot < 0 ? "is missing" : "ends at " + snapshot) + ", so entries "
                    + (snapshot + 1) + ".." + (first - 1) + " are lost. Bring the snapshot back, or rebuild this server"
                    + " from its peers");
        }
    }

    /** Tells of the newest committed configuration, and of all entries that may not be committed, in order. */
    void readConfigurations(Consumer<LogEntryProto> consumer) throws IOException {
        LogEntryProto committed = configurations.committed();
        if (committed != null) {
            consumer.accept(committed);
        }
        readUncommitted(group.lastIndex(), entry -> {
            configurations.appended(entry);
            consumer.accept(entry);
        });
    }

    /** Reads the entries up to here that are not committed as far as storage knows. */
    private void readUncommitted(long to, Consumer<LogEntryProto> consumer) throws IOException {
        long from = Math.max(group.firstIndex(), configurations.knownIndex() + 1);
        if (from <= to) {
            group.read(from, to, Long.MAX_VALUE, stored -> {
                consumer.accept(LogEntries.fromStorage(stored));
                return true;
            });
        }
    }

    /** Whether the log holds the snapshot's last entry: then all up to there is the snapshot's too (Raft §5.3). */
    private boolean covers(SnapshotInfo snapshot) {
        TermIndex mine = termIndex(snapshot.getIndex());
        return mine != null && mine.getTerm() == snapshot.getTerm();
    }

    /** From now on a missing storage is an error. */
    void markUsed() throws IOException {
        directory.markUsed();
    }

    /** Records a snapshot of the state machine's own, once its files are durable. Does nothing if it is known. */
    void record(SnapshotInfo snapshot) throws IOException {
        SnapshotPointer known = group.snapshot();
        if (known != null && known.index() >= snapshot.getIndex()) {
            return;
        }
        snapshots.force(snapshot);
        if (snapshot.getTerm() > group.termAndVote().currentTerm()) {
            // a new server that was given another one's snapshot has seen that term (rule STATE-6)
            group.saveEntries(new TermAndVote(snapshot.getTerm(), null), List.of());
        }
        if (covers(snapshot)) {
            configurations.committedTo(snapshot.getIndex(), null); // recording raises the commit index
        }
        // past the writer: a snapshot of what was applied covers no entry that waits there, and while the disk is
        // waited for the writer would take none
        group.recordSnapshot(snapshot.getIndex(), snapshot.getTerm());
    }

    /** The entry at this index; null if storage does not hold it. */
    @Nullable
    LogEntryProto get(long index) throws IOException {
        LogEntry stored = group.get(index);
        return stored == null ? null : LogEntries.fromStorage(stored);
    }

    /** Term and index of the newest entry; null if the log is empty. */
    @Nullable
    TermIndex last() {
        return termIndex(group.lastIndex());
    }

    /** Term and index of an entry that storage holds; null if it does not. */
    @Nullable
    TermIndex termIndex(long index) {
        boolean held = index >= group.firstIndex() && index <= group.lastIndex();
        return held ? known(index) : null;
    }

    /** Term and index of the entry before the first one, if that is what is asked for and its term is known. */
    @Nullable
    TermIndex termIndexBeforeFirst(long index) {
        return index >= 0 && index == group.firstIndex() - 1 ? known(index) : null;
    }

    private @Nullable TermIndex known(long index) {
        long term = group.term(index);
        return term == RaftStorage.UNKNOWN_TERM ? null : TermIndex.valueOf(term, index);
    }

    /** Closes the storage because something went wrong with it. */
    void closeAfter(Throwable thrown) {
        closeAfter(storage, thrown);
    }

    private static void closeAfter(RaftStorage storage, Throwable thrown) {
        try {
            storage.close();
        } catch (IOException | RuntimeException suppressed) {
            thrown.addSuppressed(suppressed);
        }
    }

    @Override
    public String toString() {
        return storage.directory() + " on backend " + storage.backend() + ": entries " + group.firstIndex() + ".."
                + group.lastIndex() + ", durable to " + group.durableIndex() + ", committed to " + group.commitIndex()
                + ", " + group.termAndVote();
    }
}
