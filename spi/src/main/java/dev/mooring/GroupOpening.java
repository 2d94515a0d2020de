// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.GroupState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes over what a backend loaded of one group, and refuses a state that contradicts itself. */
final class GroupOpening {

    private final GroupLog log;
    private final StorageBackend backend;

    private GroupOpening(GroupLog log, StorageBackend backend) {
        this.log = log;
        this.backend = backend;
    }

    /**
     * The group as it was loaded.
     *
     * @throws StorageException.Corrupted if it can not have been saved like this; the other groups are not affected
     */
    static GroupLog open(String name, GroupState state, StorageBackend backend) throws IOException {
        GroupLog log = new GroupLog(name);
        log.loaded(state.firstIndex(), state.lastIndex(), state.hardState());
        log.snapshot = state.snapshot();
        ByteBuffer attachment = state.attachment();
        log.attachment = attachment == null ? null : SealedAttachment.unseal(name, attachment);
        GroupOpening opening = new GroupOpening(log, backend);
        opening.checkBounds();
        opening.findTerms();
        opening.checkTerms();
        return log;
    }

    private void checkBounds() throws StorageException {
        SnapshotPointer snapshot = log.snapshot;
        if (snapshot == null && log.firstIndex > 1) {
            throw contradiction("the log begins at " + log.firstIndex + " and no snapshot covers what came before");
        }
        if (snapshot != null && log.firstIndex > snapshot.index() + 1) {
            throw contradiction("the log begins at " + log.firstIndex + ", but the newest snapshot ends at "
                    + snapshot.index() + ": entries between them are missing");
        }
        if (snapshot != null && log.lastIndex < snapshot.index()) {
            throw contradiction("the log ends at " + log.lastIndex + ", before the newest snapshot, which ends at "
                    + snapshot.index());
        }
        if (log.hardState.commitIndex() > log.lastIndex) {
            throw contradiction("the commit index is " + log.hardState.commitIndex() + ", but the log ends at "
                    + log.lastIndex + ": committed entries are missing");
        }
    }

    /**
     * Terms never fall along a log, so a range that begins and ends with the same term has it throughout: a few point reads
     * find where it changes, however long the log is.
     */
    private void findTerms() throws IOException {
        SnapshotPointer snapshot = log.snapshot;
        if (snapshot != null && snapshot.index() == log.firstIndex - 1 && snapshot.term() != RaftStorage.UNKNOWN_TERM) {
            log.terms.add(snapshot.index(), snapshot.term());
        }
        if (log.isEmpty()) {
            return;
        }
        long firstTerm = termOf(log.firstIndex);
        long lastTerm = log.lastIndex == log.firstIndex ? firstTerm : termOf(log.lastIndex);
        if (log.terms.last() > firstTerm) {
            throw contradiction("entry " + log.firstIndex + " has term " + firstTerm + ", below term "
                    + log.terms.last() + " of the snapshot before it");
        }
        log.terms.add(log.firstIndex, firstTerm);
        bisect(log.firstIndex, firstTerm, log.lastIndex, lastTerm);
    }

    private void bisect(long low, long lowTerm, long high, long highTerm) throws IOException {
        if (lowTerm > highTerm) {
            throw contradiction(
                    "the terms fall from " + lowTerm + " at entry " + low + " to " + highTerm + " at entry " + high);
        }
        if (lowTerm == highTerm) {
            return;
        }
        if (high == low + 1) {
            log.terms.add(high, highTerm);
            return;
        }
        long middle = low + (high - low) / 2;
        long middleTerm = termOf(middle);
        bisect(low, lowTerm, middle, middleTerm);
        bisect(middle, middleTerm, high, highTerm);
    }

    private void checkTerms() throws StorageException {
        long currentTerm = log.hardState.currentTerm();
        SnapshotPointer snapshot = log.snapshot;
        if (log.terms.last() > currentTerm) {
            throw contradiction(
                    "the log ends with term " + log.terms.last() + ", above the current term " + currentTerm);
        }
        if (snapshot == null || snapshot.term() == RaftStorage.UNKNOWN_TERM) {
            return;
        }
        if (snapshot.term() > currentTerm) {
            throw contradiction(
                    "the newest snapshot has term " + snapshot.term() + ", above the current term " + currentTerm);
        }
        if (snapshot.index() >= log.firstIndex && log.terms.at(snapshot.index()) != snapshot.term()) {
            throw contradiction("the newest snapshot has term " + snapshot.term() + " at index " + snapshot.index()
                    + ", but the entry there has term " + log.terms.at(snapshot.index()));
        }
    }

    private long termOf(long index) throws IOException {
        LogReader.Collector collector = new LogReader.Collector(log.name, index, 0);
        StorageException.Corrupted damage;
        try {
            backend.read(log.name, index, index, collector);
            damage = collector.damage;
        } catch (StorageException.Corrupted e) {
            damage = e;
        } catch (IOException e) {
            damage = collector.damage; // a backend may wrap what its visitor throws
            if (damage == null) {
                throw e;
            }
        }
        if (damage != null) {
            throw new StorageException.Corrupted(
                    advise("entry " + index + " is damaged: " + damage.getMessage()), damage);
        }
        if (collector.found.isEmpty()) {
            throw contradiction("the log should hold " + RaftRules.range(log) + ", but entry " + index + " is missing");
        }
        return collector.found.get(0).term();
    }

    private StorageException.Corrupted contradiction(String what) {
        return new StorageException.Corrupted(advise(what));
    }

    private String advise(String what) {
        return "Group '" + log.name + "': " + what + ". " + Words.GROUP_REMEDY;
    }
}
