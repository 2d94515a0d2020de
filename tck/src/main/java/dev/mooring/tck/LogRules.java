// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** LOG: entries are kept as they were saved, and deleted ones are gone. */
abstract class LogRules extends Rules {

    LogRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.LOG_1)
    void whatIsSavedIsRead() throws IOException {
        Twin twin = twin();
        twin.append("g", 1, 1, 10);
        twin.checkReads();
        twin.append("g", 200, 2, 100);
        twin.append("h", 3, 1, 2000);
        twin.append("g", 5, 2, 0);
        twin.checkReads();
    }

    @Verifies(Rule.LOG_1)
    void oneSaveHoldsThousandsOfEntries() throws IOException {
        Twin twin = twin();
        twin.append("g", 5000, 1, 20);
        twin.append("g", 5000, 2, 1);
        twin.checkReads();
    }

    @Verifies(Rule.LOG_1)
    void oneSaveHoldsMoreEntriesThanTwoBytesCount() throws IOException {
        Twin twin = twin();
        twin.append("g", 70_000, 1, 1);
        twin.append("g", 1, 1, 20);
        twin.checkReads();
    }

    @Verifies(Rule.LOG_1)
    void entriesOfEqualBytesAreTheirOwn() throws IOException {
        Twin twin = twin();
        byte[] payload = Payloads.bytes(1, 40);
        List<Entry> entries = new ArrayList<>();
        for (long index = 1; index <= 50; index++) {
            entries.add(Payloads.entry("g", index, 1 + index / 10, payload));
        }
        twin.save(new Update("g", null, entries, null, null));
        twin.checkReads();
    }

    @Verifies(Rule.LOG_2)
    void whatIsSavedSurvivesReopening() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < 60; i++) {
            twin.append(i % 3 == 0 ? "h" : "g", 1 + i % 7, 1 + i / 10, 50 * i);
            if (i % 20 == 19) {
                twin.reopen();
            }
        }
        twin.reopen();
    }

    @Verifies(Rule.LOG_2)
    void aLogOverManyFilesSurvivesReopening() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < 120; i++) {
            twin.append("g", 2, 1 + i / 30, 10_000 + i);
        }
        twin.checkReads();
        twin.reopen();
        twin.append("g", 3, 9, 100);
        twin.reopen();
    }

    @Verifies(value = Rule.LOG_2, needs = Claim.PROCESS_CRASH)
    void whatIsSavedSurvivesTheDeathOfTheProcess() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < 30; i++) {
            twin.append("g", 1 + i % 4, 1, 700);
            if (i % 10 == 9) {
                twin.crash();
            }
        }
    }

    @Verifies(Rule.LOG_3)
    void overwritingDeletesTheOldTail() throws IOException {
        Twin twin = twin();
        twin.append("g", 10, 1, 100);
        twin.overwrite("g", 4, 2, 2, 100);
        twin.checkRead("g", 1, 10);
        twin.append("g", 3, 2, 100);
        twin.checkRead("g", 0, 10);
    }

    @Verifies(value = Rule.LOG_3, needs = Claim.PROCESS_CRASH)
    void aDeletedTailDoesNotComeBackAfterReopening() throws IOException {
        Twin twin = twin();
        for (int back = 1; back <= 12; back++) {
            twin.append("g", 20, back, 64);
            long last = twin.model().state("g").lastIndex();
            // payloads of one length, so that what lies behind the new end looks like a next entry
            twin.overwrite("g", last - back + 1, Math.max(1, back / 2), back + 1, 64);
            twin.checkReads();
            twin.reopen();
        }
    }

    @Verifies(value = Rule.LOG_3, needs = Claim.PROCESS_CRASH)
    void aDeletedTailDoesNotComeBackAfterTheDeathOfTheProcess() throws IOException {
        Twin twin = twin();
        for (int round = 1; round <= 8; round++) {
            twin.append("g", 15, round, 64);
            twin.append("h", 1, round, 64);
            long last = twin.model().state("g").lastIndex();
            twin.overwrite("g", last - 9, 1 + round % 3, round + 1, 64);
            twin.crash(round % 2 == 0 ? twin.model().sequence() : 0);
        }
    }

    /** The file that says so may be given back before the one that holds what was deleted. */
    @Verifies(value = Rule.LOG_3, needs = Claim.PROCESS_CRASH)
    void aTruncationOutlivesTheFilesItWasWrittenTo() throws IOException {
        Twin twin = twin();
        twin.append("quiet", 20, 1, 100);
        twin.truncate("quiet", 5);
        twin.append("other", 20, 1, 100);
        twin.overwrite("other", 3, 1, 2, 100);
        twin.keepBusy("busy");
        twin.crash();
        twin.reopen();
    }

    @Verifies(Rule.LOG_3)
    void theWholeLogCanBeReplaced() throws IOException {
        Twin twin = twin();
        twin.append("g", 100, 1, 500);
        twin.overwrite("g", 0, 1, 2, 500);
        twin.checkRead("g", 0, 99);
        twin.overwrite("g", 0, 3, 3, 5);
        twin.checkRead("g", 0, 99);
    }

    @Verifies(Rule.LOG_3)
    void truncationReachesBackOverManyFiles() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < 60; i++) {
            twin.append("g", 2, 1, 12_000);
        }
        twin.overwrite("g", 7, 1, 2, 12_000);
        twin.checkRead("g", 0, 119);
        for (int i = 0; i < 20; i++) {
            twin.append("g", 2, 2, 12_000);
        }
        twin.checkRead("g", 0, 119);
    }

    @Verifies(Rule.LOG_4)
    void payloadsOfAllLengthsAreStored() throws IOException {
        Twin twin = twin();
        for (int length : new int[] {
            0, 1, 2, 3, 7, 8, 9, 127, 128, 129, 255, 256, 257, 511, 512, 513, 4000, 4095, 4096, 4097, 8191, 8192, 8193,
            65_535, 65_536, 65_537, 1 << 20
        }) {
            twin.append("g", 2, 1, length);
        }
        twin.checkReads();
    }

    @Verifies(Rule.LOG_4)
    void aPayloadOfMegabytesIsStored() throws IOException {
        Twin twin = twin();
        twin.append("g", 3, 1, 100);
        twin.append("g", 1, 1, settings().isExhaustive() ? 64 << 20 : (16 << 20) + 1); // more than three bytes count
        twin.append("g", 3, 1, 100);
        twin.checkReads();
    }

    @Verifies(Rule.LOG_4)
    void aSaveOfTwoPayloadsOfMegabytesIsStored() throws IOException {
        Twin twin = twin();
        twin.append("g", 2, 1, 12 << 20);
        twin.append("g", 1, 1, 100);
        twin.checkReads();
    }

    @Verifies(Rule.LOG_5)
    void aLogStartsAtAnyIndex() throws IOException {
        Twin twin = twin();
        long[] starts = {0, 1, 2, 5, 1000, Integer.MAX_VALUE, 1L << 32, (1L << 32) + 7, 1L << 40, 1L << 56};
        for (int i = 0; i < starts.length; i++) {
            String group = "from-" + i;
            twin.save(new Update(group, null, Payloads.run(group, starts[i], 5, 3, 20, i), null, null));
            twin.append(group, 3, 4, 30);
        }
        twin.checkReads();
    }

    @Verifies(Rule.LOG_5)
    void aLogStartsAfterItsSnapshot() throws IOException {
        Twin twin = twin();
        long[] snapshots = {0, 6, 1L << 32, 1L << 40};
        for (int i = 0; i < snapshots.length; i++) {
            String group = "after-" + i;
            twin.saveSnapshot(
                    twin.nextSequence(),
                    new Update(group, null, List.of(), new HardState(4, null, snapshots[i]), null),
                    new SnapshotPointer(snapshots[i], 3, false, i));
            twin.append(group, 4, 4, 25);
        }
        twin.checkReads();
    }

    @Verifies(Rule.LOG_6)
    void indexesAndTermsKeepSixtyThreeBits() throws IOException {
        Twin twin = twin();
        long first = Long.MAX_VALUE - 20;
        twin.save(new Update("high", null, Payloads.run("high", first, 5, Long.MAX_VALUE - 1, 20, 1), null, null));
        twin.append("high", 5, Long.MAX_VALUE, 20);
        twin.checkReads();
        twin.overwrite("high", first + 3, 2, Long.MAX_VALUE, 20);
        twin.checkReads();
        twin.append("terms", 1, (1L << 31) - 1, 20);
        twin.append("terms", 1, 1L << 31, 20);
        twin.append("terms", 1, 1L << 32, 20);
        twin.append("terms", 1, (1L << 62) + 1, 20);
        twin.checkReads();
    }

    @Verifies(Rule.LOG_7)
    void theSequenceIsPartOfEveryChange() throws IOException {
        Twin twin = twin();
        twin.append("g", 5, 1, 20);
        sequenceIsKept(twin);
        twin.state("g", 2, "n1", 3);
        sequenceIsKept(twin);
        twin.snapshot("g", 2, 1);
        sequenceIsKept(twin);
        twin.truncate("g", 4);
        sequenceIsKept(twin);
        twin.drop("g");
        sequenceIsKept(twin);
        twin.append("g", 1, 1, 20);
        sequenceIsKept(twin);
    }

    @Verifies(Rule.LOG_7)
    void aSaveOfSeveralGroupsIsOneChange() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < 10; i++) {
            twin.saveAll(
                    twin.entries("a", 2, 1 + i, 300),
                    new Update("b", null, List.of(), new HardState(1 + i, "n" + i, -1), null),
                    twin.entries("c", 1, 1, 5000));
            twin.crash(i % 2 == 0 ? twin.model().sequence() : 0);
        }
    }

    @Verifies(Rule.LOG_8)
    void aTruncationWithoutEntriesIsDurable() throws IOException {
        Twin twin = twin();
        twin.append("g", 20, 1, 64);
        twin.truncate("g", 15);
        twin.reopen();
        twin.truncate("g", 10);
        twin.crash(0);
        twin.truncate("g", 9);
        twin.crash(twin.model().sequence());
        twin.append("g", 2, 2, 64);
        twin.crash(0);
        twin.truncate("g", 0);
        twin.crash(0);
        twin.append("g", 2, 3, 64);
        twin.reopen();
    }

    private static void sequenceIsKept(Twin twin) throws IOException {
        twin.reopen();
        twin.crash(0);
        Check.equal(twin.model().sequence(), twin.storage().loaded().sequence(), "the sequence that load returned");
    }
}
