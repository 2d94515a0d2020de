// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageObserver;
import dev.mooring.TermAndVote;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** STATE, as the core keeps it: terms, votes and the commit index go one way only. */
abstract class CoreStateRules extends CoreRules {

    CoreStateRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.STATE_4)
    void theTermDoesNotGoBack() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = storage.group("g");
        group.saveEntries(new TermAndVote(5, "n1"), List.of());
        refused(storage, "term 4 after 5", () -> group.saveEntries(new TermAndVote(4, null), List.of()));
        refused(
                storage,
                "term 4 after 5, later",
                () -> group.saveEntriesAsync(new TermAndVote(4, "n1"), List.of())
                        .join());
        group.saveEntries(new TermAndVote(6, null), List.of());
        Check.equal(new TermAndVote(6, null), reopened(storage).group("g").termAndVote(), "term and vote");
    }

    @Verifies(Rule.STATE_4)
    void aVoteIsCastOnceInATerm() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = storage.group("g");
        group.saveEntries(new TermAndVote(5, null), List.of());
        group.saveEntries(new TermAndVote(5, "n1"), List.of());
        refused(storage, "another vote in term 5", () -> group.saveEntries(new TermAndVote(5, "n2"), List.of()));
        refused(storage, "no vote any more in term 5", () -> group.saveEntries(new TermAndVote(5, null), List.of()));
        RaftStorage again = reopened(storage);
        refused(
                again,
                "another vote after a reopen",
                () -> again.group("g").saveEntries(new TermAndVote(5, "n2"), List.of()));
        Check.equal(new TermAndVote(5, "n1"), again.group("g").termAndVote(), "term and vote");
    }

    @Verifies(Rule.STATE_4)
    void whatIsDurableAlreadyCostsNoSync() throws IOException {
        AtomicInteger saves = new AtomicInteger();
        try (RaftStorage storage = RaftStorage.open(config(), new StorageObserver() {
            @Override
            public void saved(Save save) {
                saves.incrementAndGet();
            }
        })) {
            RaftGroup group = storage.group("g");
            group.saveEntries(new TermAndVote(5, "n1"), List.of());
            int before = saves.get();
            for (int i = 0; i < 10; i++) {
                group.saveEntries(new TermAndVote(5, "n1"), List.of());
                group.sync();
            }
            Check.equal(before, saves.get(), "the number of saves after the same term and vote ten times more");
        }
    }

    @Verifies(Rule.STATE_5)
    void whatIsCommittedIsNotTouched() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 9, 2);
        group.commitIndex(5);
        refused(storage, "an equal entry at the commit index", () -> group.append(entries(5, 5, 2)));
        refused(storage, "entries from below the commit index", () -> group.saveEntries(null, entries(3, 9, 2)));
        refused(storage, "a truncation from the commit index", () -> group.truncateFrom(5));
        refused(storage, "a truncation of everything", () -> group.truncateFrom(1));
        group.truncateFrom(7);
        group.saveEntries(null, entries(6, 7, 2));
        RaftStorage again = reopened(storage);
        logIs(again.group("g"), 1, 7);
        refused(
                again,
                "a truncation of what is committed, after a reopen",
                () -> again.group("g").truncateFrom(5));
    }

    @Verifies(Rule.STATE_5)
    void whatASnapshotCoversIsNotTouched() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 9, 2);
        snapshot(group, 4, 2, null);
        refused(storage, "an equal entry under a snapshot", () -> group.append(entries(4, 4, 2)));
        refused(storage, "a truncation under a snapshot", () -> group.truncateFrom(4));
        group.recordSnapshot(6, 2);
        refused(storage, "a truncation under a recorded snapshot", () -> group.truncateFrom(6));
        group.truncateFrom(7);
        logIs(group, 1, 6);
    }

    @Verifies(Rule.STATE_5)
    void aSnapshotThatContradictsACommittedEntryIsRefused() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 9, 2);
        group.saveEntries(new TermAndVote(8, null), List.of());
        group.commitIndex(6);
        refused(storage, "a snapshot of another term at the commit index", () -> snapshot(group, 6, 3, null));
        refused(storage, "a recorded one", () -> group.recordSnapshot(5, 3));
        snapshot(group, 6, 2, null);
        logIs(group, 1, 9);
    }

    @Verifies(Rule.STATE_6)
    void aTermAboveTheCurrentOneIsRefused() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 3, 2);
        refused(storage, "an entry of term 3 in term 2", () -> group.append(entries(4, 4, 3)));
        refused(
                storage,
                "an entry of term 4, raised to 3",
                () -> group.saveEntries(new TermAndVote(3, null), entries(4, 4, 4)));
        refused(storage, "a snapshot of term 3 in term 2", () -> snapshot(group, 9, 3, null));
        refused(storage, "a recorded one", () -> group.recordSnapshot(9, 3));
        group.saveEntries(new TermAndVote(4, "n1"), entries(4, 4, 4));
        snapshot(group, 20, 6, new TermAndVote(6, null));
        Check.equal(new TermAndVote(6, null), reopened(storage).group("g").termAndVote(), "term and vote");
    }

    @Verifies(Rule.STATE_7)
    void theCommitIndexRisesOnlyAndStaysInTheLog() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 9, 2);
        refused(storage, "a commit index above the last entry", () -> group.commitIndex(10));
        group.commitIndex(6);
        group.commitIndex(4);
        Check.equal(6L, group.commitIndex(), "the commit index after 6 and then 4");
        RaftStorage again = reopened(storage);
        Check.equal(6L, again.group("g").commitIndex(), "the commit index after a reopen");
        snapshot(again.group("g"), 8, 2, null);
        Check.equal(8L, again.group("g").commitIndex(), "the commit index after a snapshot at 8");
        again.group("g").recordSnapshot(12, 2);
        Check.equal(12L, again.group("g").commitIndex(), "the commit index after a recorded snapshot at 12");
        Check.equal(12L, reopened(again).group("g").commitIndex(), "the commit index after one more reopen");
    }
}
