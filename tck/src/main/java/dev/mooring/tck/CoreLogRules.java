// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.TermAndVote;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.util.List;

/** LOG, as the core keeps it: what does not fit the log is refused. */
abstract class CoreLogRules extends CoreRules {

    CoreLogRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.LOG_4)
    void aPayloadAboveTheLimitIsRefused() throws IOException {
        RaftStorage storage = open(config().with("mooring.max-payload-bytes", "1000"));
        RaftGroup group = storage.group("g");
        group.append(List.of(LogEntry.of(1, 0, Payloads.bytes(1, 1000))));
        refused(
                storage,
                "an entry of 1,001 bytes where 1,000 are allowed",
                () -> group.append(List.of(LogEntry.of(2, 0, Payloads.bytes(1, 1001)))));
        group.saveEntries(null, List.of(LogEntry.of(2, 0, Payloads.bytes(2, 1000))));
        logIs(group, 1, 2);
    }

    @Verifies(Rule.LOG_9)
    void aGapIsRefused() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 5, 1);
        refused(storage, "entry 7 after 5", () -> group.append(entries(7, 7, 1)));
        refused(storage, "entry 7 after 5, saved", () -> group.saveEntries(null, entries(7, 9, 1)));
        refused(storage, "entries 6 and 8", () -> group.append(List.of(entry(6, 1), entry(8, 1))));
        refused(storage, "entries 6 and 6", () -> group.append(List.of(entry(6, 1), entry(6, 1))));
        refused(storage, "entries 7 and 6", () -> group.append(List.of(entry(7, 1), entry(6, 1))));
        group.saveEntries(null, entries(6, 8, 1));
        logIs(reopened(storage).group("g"), 1, 8);
    }

    @Verifies(Rule.LOG_9)
    void aNewLogBeginsAtZeroOrOne() throws IOException {
        RaftStorage storage = open();
        refused(storage, "a new log at 2", () -> storage.group("two").append(entries(2, 2, 0)));
        refused(storage, "a new log at 1,000", () -> storage.group("far").saveEntries(null, entries(1000, 1001, 0)));
        storage.group("zero").saveEntries(null, entries(0, 3, 0));
        storage.group("one").saveEntries(null, entries(1, 3, 0));
        RaftStorage again = reopened(storage);
        logIs(again.group("zero"), 0, 3);
        logIs(again.group("one"), 1, 3);
    }

    @Verifies(Rule.LOG_9)
    void aLogGoesOnRightAfterItsSnapshot() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = storage.group("g");
        group.saveEntries(new TermAndVote(3, null), List.of());
        snapshot(group, 41, 3, null);
        refused(storage, "entry 41 after a snapshot at 41", () -> group.append(entries(41, 41, 3)));
        refused(storage, "entry 43 after a snapshot at 41", () -> group.append(entries(43, 43, 3)));
        refused(storage, "entry 1 after a snapshot at 41", () -> group.append(entries(1, 1, 3)));
        group.saveEntries(null, entries(42, 45, 3));
        logIs(reopened(storage).group("g"), 42, 45);
    }

    @Verifies(Rule.LOG_10)
    void aFallingTermIsRefused() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 5, 4);
        refused(storage, "term 3 after term 4", () -> group.append(entries(6, 6, 3)));
        refused(
                storage,
                "terms 5 and 4",
                () -> group.saveEntries(new TermAndVote(5, null), List.of(entry(6, 5), entry(7, 4))));
        refused(storage, "term 3 over an entry, after term 4", () -> group.append(entries(3, 3, 3)));
        group.saveEntries(new TermAndVote(6, null), entries(6, 6, 6));
        group.saveEntries(null, entries(7, 7, 6));
        logIs(group, 1, 7);
    }

    @Verifies(Rule.LOG_10)
    void aTermBelowTheSnapshotsIsRefused() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = storage.group("g");
        snapshot(group, 10, 7, new TermAndVote(7, null));
        refused(storage, "term 6 after a snapshot of term 7", () -> group.append(entries(11, 11, 6)));
        group.saveEntries(null, entries(11, 11, 7));
        logIs(reopened(storage).group("g"), 11, 11);
    }
}
