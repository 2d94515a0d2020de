// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** STATE: term, vote, commit index and attachment are replaced as a whole and survive. */
abstract class StateRules extends Rules {

    StateRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.STATE_1)
    void theLastHardStateSurvives() throws IOException {
        Twin twin = twin();
        twin.state("g", 1, null, -1);
        twin.reopen();
        twin.state("g", 3, "n1", -1);
        twin.state("g", 3, "n1", 0);
        twin.reopen();
        twin.state("g", 4, "n2", 0);
        twin.crash();
        twin.state("g", 5, null, 7);
        twin.crash(twin.model().sequence());
    }

    @Verifies(Rule.STATE_1)
    void noPartOfAnOlderHardStateRemains() throws IOException {
        Twin twin = twin();
        String longName = "a-rather-long-name-of-a-candidate.example.org:7400";
        for (int term = 1; term < 20; term++) {
            String vote = term % 3 == 0 ? longName : term % 3 == 1 ? "n" : null;
            twin.state("g", term, vote, term % 2 == 0 ? term : -1 + term);
            if (term % 2 == 0) {
                twin.reopen();
            } else {
                twin.crash();
            }
        }
    }

    @Verifies(Rule.STATE_1)
    void aHardStateOutlivesTheFilesItWasWrittenTo() throws IOException {
        Twin twin = twin();
        twin.state("quiet", 7, "n3", -1);
        twin.attach("quiet", Payloads.bytes(1, 100));
        twin.keepBusy("busy");
        twin.crash();
        twin.append("busy", 1, 1, 15_000);
        twin.reopen();
    }

    @Verifies(Rule.STATE_1)
    void extremeValuesSurvive() throws IOException {
        Twin twin = twin();
        twin.state("high", Long.MAX_VALUE, "x".repeat(HardState.MAX_VOTED_FOR_BYTES), Long.MAX_VALUE - 1);
        twin.state("words", (1L << 31) + 5, "knoten-ä-\u65E5\u672C-\uD83D\uDEA2", 1L << 32);
        twin.state("zero", 0, null, 0);
        twin.reopen();
        twin.crash();
    }

    @Verifies(Rule.STATE_1)
    void entriesAndHardStateOfOneSaveBothSurvive() throws IOException {
        Twin twin = twin();
        for (int term = 1; term < 10; term++) {
            Update entries = twin.entries("g", 2, term, 50);
            twin.save(new Update("g", null, entries.entries(), new HardState(term, "n" + term, term), null));
            twin.crash();
        }
    }

    @Verifies(Rule.STATE_2)
    void aNullVoteStaysNull() throws IOException {
        Twin twin = twin();
        voteSurvives(twin, "term-0", 0, null);
        voteSurvives(twin, "term-1", 1, null);
        voteSurvives(twin, "term-max", Long.MAX_VALUE, null);
        twin.append("with-a-log", 5, 1, 30);
        voteSurvives(twin, "with-a-log", 4, null);
        voteSurvives(twin, "with-a-log", 4, "n1");
        voteSurvives(twin, "with-a-log", 5, null);
    }

    @Verifies(Rule.STATE_2)
    void anEmptyVoteStaysEmpty() throws IOException {
        Twin twin = twin();
        voteSurvives(twin, "g", 1, "");
        voteSurvives(twin, "h", Long.MAX_VALUE, "");
        voteSurvives(twin, "g", 2, "null");
        voteSurvives(twin, "g", 3, " ");
        voteSurvives(twin, "g", 4, "");
    }

    @Verifies(Rule.STATE_2)
    void aVoteMayBeAnyText() throws IOException {
        Twin twin = twin();
        List<String> votes = List.of("a\0b", "a\nb", "-", "-1", "none", "a=b,c|d", "\0");
        for (int i = 0; i < votes.size(); i++) {
            twin.state("g", 1 + i, votes.get(i), -1);
            twin.state("group-" + i, 1 + i, votes.get(i), -1);
            twin.reopen();
        }
        twin.crash();
    }

    @Verifies(Rule.STATE_3)
    void nullLeavesAloneWhatIsStored() throws IOException {
        Twin twin = twin();
        twin.state("g", 3, "n1", -1);
        twin.attach("g", Payloads.bytes(1, 500));
        twin.append("g", 4, 3, 100);
        twin.truncate("g", 3);
        twin.crash();
        twin.attach("g", Payloads.bytes(2, 50));
        twin.reopen();
        twin.state("g", 4, null, 1);
        twin.crash();
        twin.snapshot("g", 1, 3);
        twin.crash();
    }

    @Verifies(Rule.STATE_3)
    void aSnapshotLeavesAloneWhatItDoesNotName() throws IOException {
        Twin twin = twin();
        twin.state("g", 3, "n1", -1);
        twin.attach("g", Payloads.bytes(1, 500));
        twin.saveSnapshot(
                twin.nextSequence(),
                new Update("g", null, List.of(), null, ByteBuffer.wrap(Payloads.bytes(5, 9))),
                new SnapshotPointer(10, 3, false, 1));
        twin.reopen();
        twin.saveSnapshot(
                twin.nextSequence(),
                new Update("g", null, List.of(), new HardState(9, "n2", 20), null),
                new SnapshotPointer(20, 9, false, 2));
        twin.crash();
    }

    @Verifies(Rule.STATE_3)
    void attachmentsOfAllLengthsSurvive() throws IOException {
        Twin twin = twin();
        int[] lengths = {1, 0, 255, 256, 4096, Update.MAX_ATTACHMENT_BYTES, 3};
        for (int i = 0; i < lengths.length; i++) {
            twin.attach("g", Payloads.bytes(i, lengths[i]));
            twin.attach("group-" + i, Payloads.bytes(100 + i, lengths[i]));
            twin.reopen();
        }
    }

    private static void voteSurvives(Twin twin, String group, long term, @Nullable String vote) throws IOException {
        twin.state(group, term, vote, -1);
        twin.reopen();
        twin.crash();
    }
}
