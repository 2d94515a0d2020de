// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Durable state of one Raft server: hard state, log, newest snapshot.
 *
 * <p><b>Accepted and durable.</b> A change is first accepted: checked against Raft's rules, ordered, and visible to every
 * getter and read. It is durable later: when a {@code save}, {@code sync} or snapshot call returns, or its future
 * completes. What a server may acknowledge to its leader is {@link #durableIndex()}.
 *
 * <p><b>Threads.</b> Any thread may call anything. Blocking calls may do the writing, for other callers too, on the
 * caller's thread; they ignore interrupts and leave the flag set. Futures complete in order for each group, on a thread
 * that holds no lock and never writes; a callback may call storage again, and close it, but must not wait for a future of
 * the same storage.
 *
 * <p><b>Errors.</b> A caller's mistake, such as a gap, a falling term or a second vote, is an
 * {@link IllegalArgumentException}: it names group, index, values and the rule, nothing was changed and the storage stays
 * usable. After a failed write or sync every change throws {@link StorageException.Failed}.
 *
 * <p>Indexes are inclusive and count from 0; -1 stands for none.
 */
public interface RaftGroup {

    /** Largest attachment, in bytes. */
    int MAX_ATTACHMENT_BYTES = 64 * 1024;

    /** {@return the group's name} */
    String name();

    /** {@return whether nothing was ever saved to this group: no hard state, entry, attachment or snapshot} */
    boolean isNew();

    /** {@return the accepted term and vote; term 0 without a vote for a new group} */
    TermAndVote termAndVote();

    /** {@return highest index known to be committed, accepted; -1 if none} */
    long commitIndex();

    /** {@return the engine's small record beside the hard state, accepted; null if none} */
    @Nullable
    ByteBuffer attachment();

    /** {@return the newest durable snapshot, saved or recorded; null if none} */
    @Nullable
    SnapshotPointer snapshot();

    /**
     * {@return index of the oldest entry held} Of an empty log: the index that the next entry would have; 0 for a new
     * group.
     */
    long firstIndex();

    /** {@return index of the newest accepted entry; firstIndex - 1 if the log is empty, so -1 for a new group} */
    long lastIndex();

    /**
     * {@return index of the newest entry that survives what the backend claims to survive: the highest that may be
     * acknowledged (Raft §5.3); firstIndex - 1 if there is none} It rises before futures complete and falls at once on
     * truncation.
     */
    long durableIndex();

    /**
     * {@return term of the entry at this index, or of the snapshot if it ends there; {@link RaftStorage#UNKNOWN_TERM}
     * where neither is known} Answered from memory.
     *
     * @param index any index
     */
    long term(long index);

    /**
     * {@return the accepted entry at this index; null if the log does not hold it}
     *
     * @param index any index
     * @throws StorageException.Corrupted if the entry does not match its checksum; closes this group
     * @throws StorageException.Failed if the entry can not be read now, if the storage has failed and the entry is not known
     *     to be durable, if it is closed, or if the group was dropped
     */
    @Nullable
    LogEntry get(long index) throws IOException;

    /**
     * Reads accepted entries {@code first..last} in order, each verified against its checksum.
     *
     * @param first index of the first entry to read
     * @param last index of the last entry to read, at most lastIndex
     * @param maxBytes ends the read before an entry with which the payloads would exceed this; the first one is always
     *     read
     * @param reader takes the entries one by one, and may end the read
     * @throws StorageException.Compacted if {@code first} was released, before the read or under it
     * @throws StorageException.Corrupted if an entry does not match its checksum; closes this group
     * @throws StorageException.Failed as {@link #get}
     * @throws IllegalArgumentException if {@code last} is above lastIndex or below {@code first} - 1
     */
    void read(long first, long last, long maxBytes, EntryReader reader) throws IOException;

    /**
     * Accepts entries. They become durable with the next save or sync of any group, and at close.
     *
     * @param entries consecutive, beginning at most one above lastIndex; what they overlap is replaced with all that
     *     follows it
     * @throws StorageException.Failed if the storage has failed, or the group was dropped or the storage closed;
     *     nothing was changed
     */
    void append(List<LogEntry> entries) throws IOException;

    /**
     * Accepts the deletion of the entry at this index and all above it; at lastIndex + 1 deletes nothing. If nothing would be
     * left of a log of which nothing was written yet, that is written first, so that where it begins is not forgotten.
     *
     * @param index above the commit index and the newest snapshot, at most lastIndex + 1
     * @throws StorageException.Failed if the storage has failed, or the group was dropped or the storage closed;
     *     nothing was changed
     */
    void truncateFrom(long index) throws IOException;

    /**
     * Accepts a commit index; a lower one is ignored. Worth no sync of its own: it rides on the next save and on close.
     *
     * @param index at most lastIndex
     * @throws StorageException.Failed if the storage has failed, or the group was dropped or the storage closed;
     *     nothing was changed
     */
    void commitIndex(long index) throws IOException;

    /**
     * Accepts an attachment of at most {@value #MAX_ATTACHMENT_BYTES} bytes, which replaces the last one as a whole.
     *
     * @param attachment its bytes from position to limit, which are copied
     * @throws StorageException.Failed if the storage has failed, or the group was dropped or the storage closed;
     *     nothing was changed
     */
    void attach(ByteBuffer attachment) throws IOException;

    /**
     * Saves term, vote and entries as one atomic change; durable on return, as is everything accepted before. Never
     * waits for a timer.
     *
     * @param termAndVote null leaves it as it is
     * @param entries as for {@link #append}; empty adds nothing
     * @throws StorageException.Failed if the write or its sync failed, or an earlier one did: what is beyond the
     *     durable index is unknown
     */
    void saveEntries(@Nullable TermAndVote termAndVote, List<LogEntry> entries) throws IOException;

    /**
     * As {@link #saveEntries(TermAndVote, List)}; the commit index goes with them in the same atomic change.
     *
     * @param termAndVote null leaves it as it is
     * @param entries as for {@link #append}; empty adds nothing
     * @param commitIndex at most the last index that the log then has; a lower one than the accepted one is ignored.
     *     One that moves alone is worth no sync: it rides on the next save
     * @throws StorageException.Failed if the write or its sync failed, or an earlier one did: what is beyond the
     *     durable index is unknown
     */
    void saveEntries(@Nullable TermAndVote termAndVote, List<LogEntry> entries, long commitIndex) throws IOException;

    /**
     * As {@link #saveEntries(TermAndVote, List)}, durable when the future completes. Mistakes throw here, not through
     * the future.
     *
     * @param termAndVote null leaves it as it is
     * @param entries as for {@link #append}; empty adds nothing
     * @return completes when it is durable, or with {@link StorageException.Failed}
     * @throws StorageException.Failed if the storage has failed, or the group was dropped or the storage closed;
     *     nothing was changed
     */
    CompletableFuture<Void> saveEntriesAsync(@Nullable TermAndVote termAndVote, List<LogEntry> entries)
            throws IOException;

    /**
     * Makes durable what this group has accepted. Returns at once if it is already. A commit index that was raised alone is
     * worth no sync: it becomes durable with the next change, or at close.
     *
     * @throws StorageException.Failed if the write or its sync failed, or an earlier one did: what is beyond the
     *     durable index is unknown
     */
    void sync() throws IOException;

    /**
     * As {@link #sync}, durable when the future completes.
     *
     * @return completes when it is durable, or with {@link StorageException.Failed}
     * @throws StorageException.Failed if the storage has failed, or the group was dropped or the storage closed;
     *     nothing was changed
     */
    CompletableFuture<Void> syncAsync() throws IOException;

    /**
     * Begins a snapshot whose bytes storage keeps. Several may be written at once.
     *
     * @return the writer, to be closed whether it was committed or not
     * @throws IOException if the staging directory can not be made, or the storage has failed
     */
    SnapshotWriter newSnapshot() throws IOException;

    /**
     * Opens the newest snapshot whose bytes storage keeps; null if there is none, or if {@link #recordSnapshot recorded}
     * ones have taken its place. Closing the storage ends it.
     *
     * @return the snapshot, to be closed by the caller; null if there is none
     * @throws StorageException.Corrupted if its manifest or the size of a file is not what was published
     * @throws StorageException.Failed if the group was dropped or the storage is closed
     */
    @Nullable
    Snapshot openSnapshot() throws IOException;

    /**
     * {@return the snapshots whose bytes storage keeps, newest first: the one that {@link #openSnapshot()} opens, and
     * the older ones that {@code mooring.snapshot.retain} holds} Empty if there is none. A copy: a newer snapshot may
     * end the retention of the oldest at any moment.
     *
     * @throws StorageException.Failed if the group was dropped or the storage closed
     */
    List<SnapshotPointer> snapshots() throws IOException;

    /**
     * Opens one of {@link #snapshots()}; null if it is none of them any more. An older one was not verified when the
     * storage was opened, so its damage shows here or while it is read.
     *
     * @param snapshot one of {@link #snapshots()}
     * @return the snapshot, to be closed by the caller; null if there is none
     * @throws StorageException.Corrupted if its manifest or the size of a file is not what was published
     * @throws StorageException.Failed if the group was dropped or the storage is closed
     */
    @Nullable
    Snapshot openSnapshot(SnapshotPointer snapshot) throws IOException;

    /**
     * Records the engine's word that a durable snapshot of its own covers everything up to {@code index}. Storage keeps
     * index and term, and never checks, opens or deletes the engine's files (rule SNAP-7). An older one changes
     * nothing. Storage's own snapshots up to {@code index} have served: they are removed, and those that are open stay
     * readable until closed.
     *
     * @param index index of the last entry that it covers
     * @param term term of the entry at {@code index}, or {@link RaftStorage#UNKNOWN_TERM}
     * @throws StorageException.Failed if the write or its sync failed, or an earlier one did: what is beyond the
     *     durable index is unknown
     */
    void recordSnapshot(long index, long term) throws IOException;

    /**
     * Releases Raft's lock on entries up to {@code index}, or up to the oldest retained snapshot of storage's own if
     * that is lower; the rest follows when retention moves on. firstIndex rises at once, space is reclaimed in the
     * background.
     *
     * @param index at most that of the newest durable snapshot: entries above it are the only copy (rule REL-4). Below
     *     firstIndex it does nothing
     * @throws StorageException.Failed if the storage has failed, or the group was dropped or the storage closed;
     *     nothing was changed
     */
    void releaseLock(long index) throws IOException;
}
