// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ready;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.Snapshot;
import dev.mooring.SnapshotWriter;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The storage of one node whose Raft core hands out ready states, as etcd's does.
 *
 * <pre>{@code
 * ReadyStorage storage = ReadyStorage.load(raftStorage.group("node"), config, components);
 * core = storage.existed() ? restart(storage) : start(storage, peers);
 * for (Ready ready = core.next(); ; ready = core.next()) {
 *   storage.handleReady(ready.snapshot(), ready.hardState(), ready.entries()); // durable on return
 *   send(ready.messages());                                                   // so not before
 *   apply(ready.committedEntries());
 *   storage.triggerSnapshot(appliedIndex, configuration);
 *   core.advance();
 * }
 * }</pre>
 *
 * <p>Indexes begin at 1, as in etcd: index 0 stands for the empty log, with term 0. Ranges are inclusive all the same.
 *
 * <p><b>Threads.</b> {@link #handleReady} and {@link #triggerSnapshot} come from one thread, the loop's; the reading calls
 * from any.
 *
 * <p><b>Errors.</b> When {@code handleReady} or {@code triggerSnapshot} throws, the loop must end and the node with it, or
 * at least this group: what was handed out is not known to be durable, so no message of that ready state may be sent. A node
 * that lives on with a dead loop is worse than one that is gone.
 */
public final class ReadyStorage {

    private static final int MAX_ATTEMPTS = 100; // to read a log that is truncated each time

    private final RaftGroup group;
    private final Map<String, Component> components;
    private final long catchUpEntries;
    private final long intervalEntries;
    private final boolean existed;

    private ReadyStorage(RaftGroup group, StorageConfig config, Map<String, Component> components)
            throws StorageException {
        this.group = group;
        this.components = new LinkedHashMap<>(components);
        this.catchUpEntries = config.snapshotCatchUpEntries();
        this.intervalEntries = config.snapshotIntervalEntries();
        this.existed = !group.isNew();
    }

    /**
     * Takes over what is stored of a node: restores the components from the newest snapshot; hard state and the entries
     * after the snapshot are there for the reading calls.
     *
     * @param group the node's group; the storage it belongs to stays the caller's to close
     * @param config says how often a snapshot is due ({@code mooring.snapshot.interval-entries}) and how many entries
     *     stay for slow followers ({@code mooring.snapshot.catch-up-entries})
     * @param components by the name of their section, 1 to 128 characters of {@code [A-Za-z0-9._-]}, such as {@code
     *     rid}
     * @return the node, its components restored
     * @throws IllegalArgumentException if a name is not such, or two differ in case only
     * @throws StorageException.Refused if the snapshot holds a section that no component answers for, or lacks one
     */
    public static ReadyStorage load(RaftGroup group, StorageConfig config, Map<String, Component> components)
            throws IOException {
        if (components.isEmpty()) {
            throw new IllegalArgumentException("A node has at least one component, else its snapshots hold nothing");
        }
        SnapshotWriter.checkFileNames(group.name(), components.keySet());
        ReadyStorage storage = new ReadyStorage(group, config, components);
        try (Snapshot newest = group.openSnapshot()) {
            if (newest != null) {
                storage.restore(newest);
            }
        }
        return storage;
    }

    /**
     * {@return whether the node had saved anything before it was loaded: it restarts, with the log it has, and must not
     * be started as a new one} Decided by what is stored, not by a directory that happens to be there.
     */
    public boolean existed() {
        return existed;
    }

    // ---- the loop ----

    /**
     * Saves one ready state, in this order: the snapshot with the term and vote that come with it, in one atomic
     * change; then term, vote, entries and commit index, in another. Durable on return, but for a commit index that comes
     * alone: it is worth no sync and rides on the next change. The components are restored from the snapshot in between.
     *
     * @param snapshot received from the leader; null if none was. Read, not closed
     * @param hardState null if unchanged
     * @param entries may replace the end of the log; empty if none
     * @throws IllegalArgumentException if an entry has index 0, or any of it is against Raft's rules
     * @throws IOException if anything could not be read, restored or made durable; the loop must end
     */
    public void handleReady(@Nullable Snapshot snapshot, @Nullable HardState hardState, List<LogEntry> entries)
            throws IOException {
        if (!entries.isEmpty() && entries.get(0).index() < 1) {
            throw new IllegalArgumentException("Group '" + group.name() + "': an entry has index "
                    + entries.get(0).index() + "; here index 0 is the empty log, and entries begin at 1");
        }
        TermAndVote termAndVote =
                hardState == null ? null : new TermAndVote(hardState.currentTerm(), hardState.votedFor());
        if (snapshot != null) {
            checkSections(snapshot);
            save(snapshot, termAndVote);
            restoreUnlessOutdated(snapshot);
        }
        // etcd's commit index 0 is the empty log, which needs no word
        long commitIndex = hardState == null || hardState.commitIndex() == 0 ? -1 : hardState.commitIndex();
        group.saveEntries(termAndVote, entries, commitIndex);
    }

    /**
     * Takes a snapshot if one is due: {@code mooring.snapshot.interval-entries} were applied since the last. Asks each
     * component for its section and combines them; once that is durable, releases the log up to {@code
     * mooring.snapshot.catch-up-entries} before it. If a component fails, nothing is saved and nothing released.
     *
     * @param appliedIndex the last entry that the components have applied
     * @param configuration the cluster's configuration as of that entry (etcd's {@code ConfState}); opaque
     * @return whether one was taken
     * @throws IllegalArgumentException if a snapshot is due and that entry is not in the log
     * @throws IOException if the snapshot could not be taken; the loop must end
     */
    public boolean triggerSnapshot(long appliedIndex, ByteBuffer configuration) throws IOException {
        SnapshotPointer newest = group.snapshot();
        long covered = newest == null ? 0 : newest.index();
        if (appliedIndex - covered < intervalEntries) {
            return false;
        }
        takeSnapshot(appliedIndex, configuration);
        return true;
    }

    /**
     * As {@link #triggerSnapshot}, whether one is due or not; for an operator who asks for it.
     *
     * @param appliedIndex index of the last entry that the components have applied
     * @param configuration of the cluster as of that entry, opaque
     * @throws IllegalArgumentException if that entry is not in the log
     * @throws IOException if the snapshot could not be taken; the loop must end
     */
    public void takeSnapshot(long appliedIndex, ByteBuffer configuration) throws IOException {
        long term = group.term(appliedIndex);
        if (term == RaftStorage.UNKNOWN_TERM) {
            throw new IllegalArgumentException("Group '" + group.name() + "': entry " + appliedIndex
                    + " is not in the log (" + group.firstIndex() + ".." + group.lastIndex()
                    + "), so it can not have been applied");
        }
        try (SnapshotWriter writer = group.newSnapshot()) {
            for (Map.Entry<String, Component> component : components.entrySet()) {
                try (OutputStream section = writer.newFile(component.getKey())) {
                    component.getValue().save(section);
                }
            }
            writer.configuration(configuration);
            writer.commit(appliedIndex, term);
        }
        if (appliedIndex > catchUpEntries) {
            group.releaseLock(appliedIndex - catchUpEntries);
        }
    }

    // ---- what a Raft core reads (etcd's Storage) ----

    /**
     * {@return hard state and configuration to start from}
     *
     * @throws IOException if the newest snapshot can not be opened
     */
    public InitialState initialState() throws IOException {
        TermAndVote held = group.termAndVote();
        HardState hardState = new HardState(
                held.currentTerm(), held.votedFor(), Math.max(0, group.commitIndex())); // 0: the empty log
        try (Snapshot newest = group.openSnapshot()) {
            return new InitialState(hardState, newest == null ? null : newest.configuration());
        }
    }

    /**
     * {@return index of the oldest entry whose predecessor's term is known, as etcd's contract has it: right after a restart
     * the oldest one held may be that predecessor; 1 for a new node, and one above the snapshot if the log is empty}
     */
    public long firstIndex() {
        long held = Math.max(1, group.firstIndex());
        boolean begins = held == 1 || held > group.lastIndex() || group.term(held - 1) != RaftStorage.UNKNOWN_TERM;
        return begins ? held : held + 1;
    }

    /** {@return index of the newest entry; that of the snapshot if the log is empty, 0 for a new node} */
    public long lastIndex() {
        return Math.max(0, group.lastIndex());
    }

    /**
     * {@return term of an entry from firstIndex - 1 to lastIndex}
     *
     * @param index from firstIndex - 1 to lastIndex
     * @throws StorageException.Compacted if it lies before that
     * @throws UnavailableException if it lies behind
     */
    public long term(long index) throws IOException {
        if (index == 0 && firstIndex() == 1) {
            return 0;
        }
        long term = group.term(index);
        if (term != RaftStorage.UNKNOWN_TERM) {
            return term;
        }
        if (index < firstIndex() - 1) {
            throw compacted(index);
        }
        if (index > lastIndex()) {
            throw unavailable("entry " + index);
        }
        term = group.term(index);
        if (term == RaftStorage.UNKNOWN_TERM) {
            throw compacted(index);
        }
        return term; // it was appended meanwhile
    }

    private StorageException.Compacted compacted(long index) {
        return new StorageException.Compacted(
                "Group '" + group.name() + "': entry " + index + " was released, the log begins at " + firstIndex()
                        + ". Send the snapshot instead",
                firstIndex());
    }

    /**
     * {@return entries {@code first..last}, at least one, however large it is}
     *
     * @param first index of the first entry
     * @param last index of the last entry, inclusive, at most lastIndex
     * @param maxBytes ends the list before an entry with which the payloads would exceed this
     * @throws StorageException.Compacted if {@code first} was released: send the snapshot
     * @throws UnavailableException if {@code last} lies above the last entry
     */
    public List<LogEntry> entries(long first, long last, long maxBytes) throws IOException {
        int attempts = 0;
        while (true) {
            if (first < 1 || first < firstIndex()) {
                throw compacted(first);
            }
            if (last > lastIndex()) {
                throw unavailable("entry " + last);
            }
            if (last == first - 1) {
                return List.of(); // also in a new log, for which the group's last index is -1
            }
            List<LogEntry> entries = new ArrayList<>();
            try {
                group.read(first, last, maxBytes, entries::add);
            } catch (IllegalArgumentException e) {
                attempts++;
                if (last < first || attempts == MAX_ATTEMPTS) {
                    throw e;
                }
                continue; // it was truncated meanwhile, and may be longer again
            }
            if (entries.isEmpty()) {
                throw unavailable("entry " + first);
            }
            return entries;
        }
    }

    /**
     * {@return the newest snapshot, to be sent to a follower that is too far behind; close it when it was sent}
     *
     * @throws UnavailableException if none was taken yet
     */
    public Snapshot snapshot() throws IOException {
        Snapshot newest = group.openSnapshot();
        if (newest == null) {
            throw unavailable("a snapshot");
        }
        return newest;
    }

    // ---- helpers ----

    private void save(Snapshot snapshot, @Nullable TermAndVote termAndVote) throws IOException {
        try (SnapshotWriter writer = group.newSnapshot()) {
            for (String name : snapshot.files().keySet()) {
                try (InputStream section = snapshot.open(name);
                        OutputStream file = writer.newFile(name)) {
                    section.transferTo(file);
                }
            }
            ByteBuffer configuration = snapshot.configuration();
            if (configuration != null) {
                writer.configuration(configuration);
            }
            writer.commit(snapshot.index(), snapshot.term(), termAndVote);
        }
    }

    /** A snapshot that is older than what the node has changes nothing, and must not set the components back either. */
    private void restoreUnlessOutdated(Snapshot received) throws IOException {
        try (Snapshot newest = group.openSnapshot()) {
            if (newest != null && newest.index() == received.index()) {
                restore(newest);
            }
        }
    }

    private void restore(Snapshot snapshot) throws IOException {
        checkSections(snapshot);
        for (Map.Entry<String, Component> component : components.entrySet()) {
            try (InputStream section = snapshot.open(component.getKey())) {
                component.getValue().restore(section);
            }
        }
    }

    private void checkSections(Snapshot snapshot) throws StorageException {
        if (!snapshot.files().keySet().equals(components.keySet())) {
            throw new StorageException.Refused("Group '" + group.name() + "': the snapshot at " + snapshot.index()
                    + " has the sections " + snapshot.files().keySet() + ", but the components here are "
                    + components.keySet() + ". All nodes of a cluster have the same components: nothing was changed");
        }
    }

    private UnavailableException unavailable(String what) {
        return new UnavailableException(
                "Group '" + group.name() + "': " + what + " does not exist yet, the log ends at " + lastIndex());
    }
}
