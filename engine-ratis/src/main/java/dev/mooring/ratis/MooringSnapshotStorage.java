// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots of a state machine, one file each, that a crash or a power cut finds whole or not at all. Uses the file names
 * of Ratis' {@code SimpleStateMachineStorage}, so that either can take over from the other.
 *
 * <pre>{@code
 * public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage) throws IOException {
 *     super.initialize(server, groupId, raftStorage);
 *     snapshots.init(raftStorage);
 *     load(snapshots.getLatestSnapshot());
 * }
 * public void reinitialize() throws IOException { load(snapshots.loadLatestSnapshot()); }
 * public long takeSnapshot() throws IOException {
 *     return snapshots.save(getLastAppliedTermIndex(), this::writeTo).getIndex();
 * }
 * public StateMachineStorage getStateMachineStorage() { return snapshots; }
 * }</pre>
 *
 * <p>Safe for use by any thread; one snapshot is saved at a time.
 */
public final class MooringSnapshotStorage implements StateMachineStorage {

    private volatile @Nullable SnapshotDirectory directory;
    private volatile @Nullable SingleFileSnapshotInfo latest;

    /** Creates it; {@link #init} says where it works. */
    public MooringSnapshotStorage() {}

    /** What a snapshot consists of. */
    @FunctionalInterface
    public interface Content {

        /** Writes all of it. The stream is buffered, and is closed by the caller. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Finds the newest whole snapshot, and mends what a crash left behind: an installed snapshot that never got its place,
     * one half received, one half written.
     */
    @Override
    public void init(RaftStorage raftStorage) throws IOException {
        Path stateMachineDirectory =
                raftStorage.getStorageDir().getStateMachineDir().toPath();
        InstallLeftovers.tidy(
                stateMachineDirectory, raftStorage.getStorageDir().getTmpDir().toPath());
        SnapshotDirectory opened = new SnapshotDirectory(stateMachineDirectory);
        opened.removeUnfinished();
        directory = opened;
        latest = opened.newestWhole();
    }

    /** The newest whole snapshot that was saved, or found by {@link #init} or {@link #loadLatestSnapshot}; null if none. */
    @Override
    public @Nullable SingleFileSnapshotInfo getLatestSnapshot() {
        return latest;
    }

    /**
     * Looks again for the newest whole snapshot, as is needed once Ratis has installed one. Reads it in full and compares
     * its MD5; a damaged one is set aside under the suffix {@code .corrupt}, and the next older one is tried.
     */
    public synchronized @Nullable SingleFileSnapshotInfo loadLatestSnapshot() throws IOException {
        SingleFileSnapshotInfo found = opened().newestWhole();
        latest = found;
        return found;
    }

    /**
     * Saves a snapshot; durable on return, with the MD5 that Ratis sends along. If it fails, for want of space perhaps,
     * the earlier ones are what they were.
     *
     * @param lastApplied term and index of the last entry that it covers
     * @return the snapshot; an older one does not replace {@link #getLatestSnapshot}
     */
    public synchronized SingleFileSnapshotInfo save(TermIndex lastApplied, Content content) throws IOException {
        SingleFileSnapshotInfo known = latest;
        if (known != null && known.getTermIndex().equals(lastApplied)) {
            return known; // the same entries make the same state
        }
        SingleFileSnapshotInfo saved = opened().save(lastApplied, content);
        if (known == null || known.getIndex() < saved.getIndex()) {
            latest = saved;
        }
        return saved;
    }

    /** Does nothing: Ratis has emptied the directory itself. */
    @Override
    public void format() {}

    /** Keeps the newest snapshots, as many as the policy says, at least one; all, if it says less than one. */
    @Override
    public synchronized void cleanupOldSnapshots(@Nullable SnapshotRetentionPolicy policy) throws IOException {
        int retained = policy == null ? -1 : policy.getNumSnapshotsRetained();
        SnapshotDirectory opened = directory;
        if (opened != null && retained > 0) {
            opened.retain(retained);
        }
    }

    private SnapshotDirectory opened() {
        SnapshotDirectory opened = directory;
        if (opened == null) {
            throw new IllegalStateException(
                    "This snapshot storage has no directory yet: call init(raftStorage) in StateMachine.initialize");
        }
        return opened;
    }
}
