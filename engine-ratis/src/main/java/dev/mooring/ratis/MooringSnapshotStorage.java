// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots of a state machine, one file each, that a crash or a power cut finds whole or not at all. Uses the file names
 * of Ratis' {@code SimpleStateMachineStorage}, so that either can take over from the other. The newest one has a second
 * name in {@code current/kept-snapshot}, for Ratis deletes what it replaces by an installed one before that is durable.
 * This takes no space but that of the replaced one for as long; on a file system without hard links it is a copy.
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

    private volatile @Nullable Place place;
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
     * one half received, one half written. An installed one that a power cut took after Ratis had deleted what it
     * replaced: then what was replaced is put back.
     */
    @Override
    public void init(RaftStorage raftStorage) throws IOException {
        RaftStorageDirectory division = raftStorage.getStorageDir();
        Path stateMachineDirectory = division.getStateMachineDir().toPath();
        InstallLeftovers.tidy(stateMachineDirectory, division.getTmpDir().toPath());
        Place opened = new Place(
                new SnapshotDirectory(stateMachineDirectory),
                new KeptSnapshot(
                        division.getRoot().toPath(), division.getCurrentDir().toPath()));
        opened.snapshots.removeUnfinished();
        Path found = opened.kept.newestWholeFile(opened.snapshots);
        opened.kept.keepNewestOf(opened.snapshots);
        place = opened;
        latest = found == null ? null : SnapshotDirectory.info(found);
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
        Place opened = opened();
        SingleFileSnapshotInfo found = opened.snapshots.newestWhole();
        opened.kept.keepNewestOf(opened.snapshots);
        latest = found;
        return found;
    }

    /** Keeps what Ratis has just installed, now that it is durable, instead of what that replaced. */
    void keepInstalled() {
        Place opened = place; // not synchronized: a snapshot may be being saved, and the log waits
        if (opened != null) {
            opened.kept.keepNewestOf(opened.snapshots);
        }
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
        Place opened = opened();
        SingleFileSnapshotInfo saved = opened.snapshots.save(lastApplied, content);
        if (known == null || known.getIndex() < saved.getIndex()) {
            opened.kept.keep(saved.getFile().getPath());
            latest = saved; // from now on the log may let go of what it covers
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
        Place opened = place;
        if (opened != null && retained > 0) {
            opened.snapshots.retain(retained);
        }
    }

    private Place opened() {
        Place opened = place;
        if (opened == null) {
            throw new IllegalStateException(
                    "This snapshot storage has no directory yet: call init(raftStorage) in StateMachine.initialize");
        }
        return opened;
    }

    private record Place(SnapshotDirectory snapshots, KeptSnapshot kept) {}
}
