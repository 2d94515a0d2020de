// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one group has accepted, and how much of it has been written. It decides nothing: {@link RaftRules} has said yes
 * before anything here changes.
 *
 * <p>Guarded by the lock of the storage.
 */
final class GroupLog {

    /*
     * Three positions move along the log:
     *
     *    firstIndex ........ durableIndex ........ unwrittenFrom ........ lastIndex
     *    |  in the backend       |  handed to the backend, |  waits for the   |
     *    |  only                 |  not acknowledged       |  next batch      |
     *                            |<----------- tail, in memory ------------->|
     *
     * A truncation lowers all of them at once. An older batch that ends after it therefore can not lift durableIndex over
     * entries that were written for what the log was then: unwrittenFrom bounds it.
     */

    final String name;
    final TermRuns terms = new TermRuns();
    final EntryTail tail = new EntryTail();

    HardState hardState = HardState.INITIAL;

    @Nullable
    ByteBuffer attachment;

    @Nullable
    SnapshotPointer snapshot;

    long firstIndex;
    long lastIndex = -1;
    long durableIndex = -1;

    boolean exists; // anything was ever accepted
    boolean begun; // the log has held an entry, so that where it begins is settled
    boolean stored; // the backend knows the group
    long storedFirstIndex; // bounds of the log in the backend, once what was handed to it is done
    long storedLastIndex = -1;

    long ticket; // of the newest change that is worth a sync; see CommitQueue
    long generation; // counts truncations, so that a read can tell what overtook it
    long releaseWanted = -1; // what the engine released; retention may hold some of it back
    long releasePending = -1; // what the backend has still to be told

    @Nullable
    StorageException closedBecause; // dropped, or found damaged

    private long unwrittenFrom;
    private @Nullable Long truncatePending;
    private boolean hardStateDirty;
    private HardState handedOut = HardState.INITIAL; // the last one that the backend was given
    private boolean attachmentDirty;
    private long writingLastIndex = -1;

    GroupLog(String name) {
        this.name = name;
    }

    /** Takes over what the backend loaded. */
    void loaded(long first, long last, HardState found) {
        hardState = found;
        handedOut = found;
        exists = true;
        stored = true;
        begun = last >= first;
        firstIndex = first;
        lastIndex = last;
        storedFirstIndex = first;
        storedLastIndex = last;
        durableIndex = last;
        unwrittenFrom = last + 1;
    }

    /** Refuses every call once the group was dropped or found damaged. */
    void checkOpen() throws StorageException {
        if (closedBecause instanceof StorageException.Corrupted) {
            throw new StorageException.Corrupted(closedBecause.getMessage(), closedBecause);
        }
        if (closedBecause != null) {
            throw new StorageException.Failed(closedBecause.getMessage(), closedBecause);
        }
    }

    boolean isEmpty() {
        return lastIndex < firstIndex;
    }

    /** Highest index that no save and no truncation may touch. */
    long settledIndex() {
        return Math.max(hardState.commitIndex(), snapshot == null ? -1 : snapshot.index());
    }

    /** Term of an entry that is held, or of the entry before the first if that is known; else UNKNOWN_TERM. */
    long term(long index) {
        if (index >= firstIndex - 1 && index <= lastIndex) {
            long term = terms.at(index);
            if (term != RaftStorage.UNKNOWN_TERM) {
                return term;
            }
        }
        return snapshot != null && snapshot.index() == index ? snapshot.term() : RaftStorage.UNKNOWN_TERM;
    }

    void accept(HardState accepted) {
        exists = true;
        hardState = accepted;
        hardStateDirty = true;
    }

    void accept(ByteBuffer accepted) {
        exists = true;
        attachment = accepted;
        attachmentDirty = true;
    }

    /** Appends, after cutting off what the entries overlap. Returns the weight that was cut off. */
    long accept(List<Entry> entries) {
        long cut = 0;
        for (Entry entry : entries) {
            if (isEmpty() && !begun) {
                firstIndex = entry.index();
                lastIndex = entry.index() - 1;
                durableIndex = lastIndex;
                unwrittenFrom = entry.index();
            } else if (entry.index() <= lastIndex) {
                cut += truncateFrom(entry.index());
            }
            tail.add(entry);
            terms.add(entry.index(), entry.term());
            lastIndex = entry.index();
            begun = true;
            exists = true;
        }
        return cut;
    }

    /**
     * Whether a truncation from here would leave nothing of a log that the backend knows nothing of yet: what it knew after a
     * crash would depend on what happened to be written together. Then the entries are written first.
     */
    boolean wouldForgetItsBeginning(long index) {
        return index <= firstIndex && firstIndex <= lastIndex && storedLastIndex < storedFirstIndex;
    }

    /** Cuts off the entry at this index and all above. Returns their weight. */
    long truncateFrom(long index) {
        if (index < unwrittenFrom) {
            truncatePending = truncatePending == null ? index : Math.min(truncatePending, index);
            unwrittenFrom = index;
        }
        generation++;
        lastIndex = index - 1;
        durableIndex = Math.min(durableIndex, lastIndex);
        terms.truncateFrom(index);
        return tail.truncateFrom(index);
    }

    boolean isDirty() {
        return hardStateDirty || attachmentDirty || truncatePending != null || unwrittenFrom <= lastIndex;
    }

    /** Hands out everything that is not written yet as one update. */
    Update takeUpdate() {
        List<Entry> entries = unwrittenFrom <= lastIndex ? tail.from(unwrittenFrom) : List.of();
        ByteBuffer attached = attachment;
        Update update = new Update(
                name,
                truncatePending,
                entries,
                hardStateDirty ? hardState : null,
                attachmentDirty && attached != null ? SealedAttachment.seal(name, attached) : null);
        if (truncatePending != null) {
            storedLastIndex = Math.min(storedLastIndex, truncatePending - 1);
        }
        if (!entries.isEmpty()) {
            if (storedLastIndex < storedFirstIndex) {
                storedFirstIndex = entries.get(0).index();
            }
            storedLastIndex = lastIndex;
        }
        truncatePending = null;
        hardStateDirty = false;
        handedOut = hardState;
        attachmentDirty = false;
        unwrittenFrom = lastIndex + 1;
        writingLastIndex = lastIndex;
        stored = true;
        return update;
    }

    /** What was handed out last is durable. Returns the weight of the entries that need not be kept in memory any more. */
    long written() {
        durableIndex = Math.max(durableIndex, Math.min(writingLastIndex, unwrittenFrom - 1));
        return tail.dropThrough(durableIndex);
    }

    /**
     * Whether what is not written yet has to be, before a snapshot with this term and vote: they, or the snapshot's own term,
     * would come before what was accepted earlier.
     *
     * @param isBrought whether the snapshot's call brings term and vote; they are durable when it returns, even where a save
     *     that has not been written yet brought the same
     */
    boolean mustBeWrittenBefore(SnapshotPointer pointer, HardState raised, boolean isBrought) {
        return isDirty()
                && (raises(raised)
                        || pointer.term() > handedOut.currentTerm()
                        || (isBrought && !isSameVote(raised, handedOut)));
    }

    private boolean raises(HardState raised) {
        return !isSameVote(raised, hardState);
    }

    private static boolean isSameVote(HardState one, HardState other) {
        return one.currentTerm() == other.currentTerm() && Objects.equals(one.votedFor(), other.votedFor());
    }

    /**
     * Accepts a snapshot: keeps the log if it goes on from there, else discards it (Raft §7). Everything that may be written
     * up to the snapshot has been.
     *
     * @param joins whether the log holds the snapshot's last entry
     * @param isBrought whether the snapshot's call brings term and vote
     * @return the update that goes with the pointer, and what was discarded
     */
    SnapshotUpdate accept(SnapshotPointer pointer, HardState raised, boolean joins, boolean isBrought) {
        Runnable undo = joins ? () -> {} : undo();
        // where the log stays, so does what waits to be written with it: a term that was saved with entries is theirs
        HardState termAndVote = joins && !isBrought ? handedOut : raised;
        exists = true;
        hardState = raised;
        Long truncation = null;
        long discarded = 0;
        // what is not written yet must not be called committed on disk: a crash would leave a commit index above the
        // log
        long writtenCommitIndex = Math.max(pointer.index(), Math.min(raised.commitIndex(), durableIndex));
        if (!joins) {
            truncation = storedLastIndex >= storedFirstIndex ? storedFirstIndex : null;
            discarded = tail.truncateFrom(0);
            terms.clear();
            if (pointer.term() != RaftStorage.UNKNOWN_TERM) {
                terms.add(pointer.index(), pointer.term());
            }
            generation++;
            firstIndex = pointer.index() + 1;
            lastIndex = pointer.index();
            durableIndex = Math.min(durableIndex, pointer.index() - 1); // until the pointer is durable
            writtenCommitIndex = pointer.index();
            unwrittenFrom = firstIndex;
            storedFirstIndex = firstIndex;
            storedLastIndex = pointer.index();
            truncatePending = null;
            releasePending = -1;
            begun = true;
        }
        HardState written = new HardState(termAndVote.currentTerm(), termAndVote.votedFor(), writtenCommitIndex);
        hardStateDirty = !written.equals(raised);
        handedOut = written;
        stored = true;
        return new SnapshotUpdate(new Update(name, truncation, List.of(), written, null), discarded, undo);
    }

    /**
     * Puts the log back to what it is now, for readers: nothing is written any more once a snapshot has failed. Entries that
     * had not been written are gone, and so are those that were accepted on top of the snapshot; nobody may read them then.
     */
    private Runnable undo() {
        HardState heldState = hardState;
        TermRuns heldTerms = terms.copy();
        long heldFirst = firstIndex;
        long heldLast = lastIndex;
        long heldDurable = durableIndex;
        return () -> {
            hardState = heldState;
            terms.become(heldTerms);
            firstIndex = heldFirst;
            lastIndex = heldLast;
            durableIndex = heldDurable;
            tail.truncateFrom(0);
            generation++;
        };
    }

    /** The pointer is durable. */
    void saved(SnapshotPointer pointer) {
        snapshot = pointer;
        durableIndex = Math.max(durableIndex, Math.min(lastIndex, pointer.index()));
    }

    /** Raises the first index; the entries below are never read again. */
    void releaseThrough(long index) {
        firstIndex = index + 1;
        terms.forgetBefore(index); // the term before the first entry stays known
        releasePending = index;
    }

    /**
     * What becomes of a snapshot that is accepted.
     *
     * @param update is told to the backend with it
     * @param discardedWeight of the entries that were discarded from memory
     * @param undo is for a snapshot that fails; locked
     */
    record SnapshotUpdate(Update update, long discardedWeight, Runnable undo) {}
}
