// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;
import java.util.List;

/**
 * One open data directory that holds any number of Raft groups.
 *
 * <p><b>Who calls what.</b> {@link #load()} comes first, once. The changing verbs ({@code saveEntries},
 * {@code saveSnapshot}, {@code releaseLock}, {@code drop}) and {@code close} come one at a time, from any thread, perhaps
 * from one that is interrupted, which keeps its flag. After an exception from a changing verb only {@code read} and {@code close} are called.
 * {@code read} comes from any thread, beside anything; {@code close} and {@code drop} wait for it.
 *
 * <p><b>Buffers.</b> Payloads and attachments are read-only views. Those given are valid until the verb returns; those
 * handed to a visitor until the visitor returns, so a backend may hand out its own memory.
 *
 * <p><b>Durability.</b> When a changing verb other than {@code releaseLock} returns, its whole change is as durable as
 * {@link Guarantees#durability()} says, atomic over all groups it names, and will be found by the next {@code load}.
 *
 * <p>The arguments have been checked against Raft's rules by the core; a backend does not check them again.
 */
public interface StorageBackend extends AutoCloseable {

    /**
     * Recovers and says what is there. What it reports must itself survive a power cut right after it (rule CRASH-4).
     *
     * @return the sequence of the last durable change, 0 in an empty directory, and the state of every group. The core
     *     compares the sequence with the proven one
     * @throws StorageException.Corrupted if acknowledged data is damaged or missing; never an empty log instead. Whatever
     *     is thrown, {@code close} follows
     */
    Loaded load() throws IOException;

    /**
     * Applies the updates of all groups as one atomic, durable change.
     *
     * @param sequence number of this change, one above the last; stored in the same change and returned by {@code load}
     * @param updates at least one; each group at most once. Entries start at {@code truncateFrom} if that is given,
     *     else at lastIndex + 1; on an empty log anywhere
     * @throws IOException if it may not be durable; the core then calls nothing but {@code read} and {@code close}
     */
    void saveEntries(long sequence, List<Update> updates) throws IOException;

    /**
     * Stores the pointer to a snapshot together with the truncation and the hard state that belong to it, as one
     * atomic, durable change. If it leaves the log empty, firstIndex becomes {@code snapshot.index() + 1} in the same
     * change.
     *
     * @param sequence as for {@code saveEntries}
     * @param update carries no entries
     * @param snapshot replaces the pointer of this group
     * @throws IOException if it may not be durable; the core then calls nothing but {@code read} and {@code close}
     */
    void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException;

    /**
     * Releases the lock on entries up to and including {@code index}: they are never read again and their space may be
     * reclaimed. The first index rises at once; a crash may undo that, {@code close} may not. It has no sequence: what is
     * written for it on its own, unforced, must not look like damage when it is torn and a change follows.
     *
     * @param group name of a group that was saved to
     * @param index from firstIndex to lastIndex of the group
     * @throws IOException if the backend can not go on; poisons the storage
     */
    void releaseLock(String group, long index) throws IOException;

    /**
     * Visits the entries {@code first..last}, both inclusive, in order, until the visitor returns false. An entry that
     * a truncation or release has taken away meanwhile ends the read early; wrong bytes are never handed out.
     *
     * @param group name of a group that was saved to
     * @param first from firstIndex of the group
     * @param last to lastIndex of the group
     * @param visitor takes one entry after the other; what it throws ends the read and is passed on
     * @throws StorageException.Corrupted if an entry that is in the log can not be read as it was written
     */
    void read(String group, long first, long last, EntryVisitor visitor) throws IOException;

    /**
     * Forgets one group for good, durably. A later group of the same name is new.
     *
     * @param sequence as for {@code saveEntries}
     * @param group name of a group that was saved to
     * @throws IOException if it may not be durable; the core then calls nothing but {@code read} and {@code close}
     */
    void drop(long sequence, String group) throws IOException;

    /**
     * Makes releases durable and lets go of every file, thread and mapping, after running reads have ended. No update is
     * left to flush. After a changing verb, or {@code load}, has failed it writes nothing. Calling it again does nothing.
     *
     * @throws IOException if releases could not be made durable, or something could not be closed; the rest is let go of all
     *     the same, and the end counts as unclean
     */
    @Override
    void close() throws IOException;
}
