// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every refusal names group, values and rule, changes nothing, and leaves the storage usable. */
class RaftRulesTest extends CoreTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a/b",
                "..\\x",
                "é",
                "a\u0000b",
                "x123456789012345678901234567890123456789012345678901234567890123456789"
            })
    void hostileGroupNamesAreRefused(String name) {
        assertThatThrownBy(() -> storage.group(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("A-Z a-z 0-9 . _ -");
        assertThatThrownBy(() -> storage.drop(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void dotsAreANameLikeAnyOther() throws IOException {
        storage.group("..").saveEntries(term(1), run(1, 1, 1));
        try (SnapshotWriter writer = storage.group("..").newSnapshot()) {
            writer.newFile("x").close();
            writer.commit(1, 1);
        }
        reopen();
        assertThat(storage.group("..").lastIndex()).isEqualTo(1);
        assertThat(storage.group("..").openSnapshot()).isNotNull();
    }

    @Test
    void aNewLogBeginsAtZeroOrOne() throws IOException {
        refused("LOG-9", "a new log begins at 0 or 1", () -> group().append(run(2, 2, 0)));
        storage.group("zero").saveEntries(null, run(0, 0, 0));
        storage.group("one").saveEntries(null, run(1, 1, 0));
        assertThat(storage.group("zero").firstIndex()).isZero();
        assertThat(storage.group("one").firstIndex()).isEqualTo(1);
    }

    @Test
    void gapsAreRefused() throws IOException {
        group().saveEntries(term(1), run(1, 1, 1));
        refused("LOG-9", "entry 5 would leave a gap after 1", () -> group().append(run(5, 5, 1)));
        refused(
                "LOG-9",
                "entry 4 follows entry 2 in one call, but 3 must",
                () -> group().append(List.of(LogEntry.of(2, 1, new byte[0]), LogEntry.of(4, 1, new byte[0]))));
    }

    @Test
    void fallingTermsAreRefused() throws IOException {
        group().saveEntries(term(5), run(1, 2, 3));
        refused("LOG-10", "below term 3 of entry 2", () -> group().append(run(3, 3, 2)));
        refused(
                "LOG-10",
                "entry 4 has term 3, below term 4 of entry 3",
                () -> group().append(List.of(LogEntry.of(3, 4, new byte[0]), LogEntry.of(4, 3, new byte[0]))));
    }

    @Test
    void theCurrentTermNeverGoesBackAndAVoteIsNeitherChangedNorCleared() throws IOException {
        group().saveEntries(new TermAndVote(3, "b"), List.of());
        refused("STATE-4", "can not go back from 3 to 2", () -> group().saveEntries(term(2), List.of()));
        refused(
                "STATE-4",
                "cast for 'b' and can not become 'c'",
                () -> group().saveEntries(new TermAndVote(3, "c"), List.of()));
        refused("STATE-4", "can not become nobody", () -> group().saveEntries(term(3), List.of()));
        group().saveEntries(new TermAndVote(4, null), List.of());
        group().saveEntries(new TermAndVote(4, ""), List.of()); // STATE-2: the empty name is a name
        assertThat(group().termAndVote()).isEqualTo(new TermAndVote(4, ""));
        reopen();
        assertThat(group().termAndVote()).isEqualTo(new TermAndVote(4, ""));
    }

    @Test
    void committedEntriesAreNeverTouched() throws IOException {
        group().saveEntries(term(1), run(1, 5, 1));
        group().commitIndex(3);
        refused("STATE-5", "entry 3 can not be written: the commit index is 3", () -> group().append(run(3, 3, 1)));
        refused("STATE-5", "can not be truncated from 2", () -> group().truncateFrom(2));
        group().truncateFrom(4);
        assertThat(group().lastIndex()).isEqualTo(3);
    }

    @Test
    void anEntryAboveTheCurrentTermNeedsTheTermInTheSameSave() throws IOException {
        group().saveEntries(term(1), run(1, 1, 1));
        refused("STATE-6", "above the current term 1", () -> group().saveEntries(null, run(2, 2, 2)));
        group().saveEntries(term(2), run(2, 2, 2));
        refused("STATE-6", "above the current term 2", () -> group().recordSnapshot(9, 3));
    }

    @Test
    void theCommitIndexNeverPassesTheLastEntryAndALowerOneIsIgnored() throws IOException {
        group().saveEntries(term(1), run(1, 5, 1));
        refused("STATE-7", "lies above 5", () -> group().commitIndex(6));
        group().commitIndex(4);
        group().commitIndex(2);
        assertThat(group().commitIndex()).isEqualTo(4);
    }

    @Test
    void oversizedPayloadsUpdatesAndAttachmentsAreRefusedBeforeAnythingIsWritten() throws IOException {
        storage.close();
        storage = RaftStorage.open(
                config().with("mooring.max-payload-bytes", "1000").with("mooring.max-update-bytes", "2500"));
        int saves = provider.savedGroups.size();
        refused(
                "LOG-4",
                "mooring.max-payload-bytes=1000",
                () -> group().saveEntries(null, List.of(LogEntry.of(1, 0, new byte[1001]))));
        refused(
                "LOG-4",
                "mooring.max-update-bytes=2500",
                () -> group().saveEntries(
                                null,
                                List.of(
                                        LogEntry.of(1, 0, new byte[1000]),
                                        LogEntry.of(2, 0, new byte[1000]),
                                        LogEntry.of(3, 0, new byte[501]))));
        refused("STATE-3", "65537 bytes", () -> group().attach(ByteBuffer.allocate(65537)));
        assertThat(group().isNew()).isTrue();
        assertThat(provider.savedGroups).hasSize(saves);
        group().saveEntries(null, List.of(LogEntry.of(1, 0, new byte[1000])));
    }

    @Test
    void negativeIndexesAndTermsAreRefusedByGroup() {
        refused("LOG-6", "index -1", () -> group().append(List.of(LogEntry.of(-1, 0, new byte[0]))));
        refused("LOG-6", "term -2", () -> group().append(List.of(LogEntry.of(1, -2, new byte[0]))));
    }

    @Test
    void theLastIndexThereIsIsRefused() throws IOException {
        group().recordSnapshot(Long.MAX_VALUE - 1, 0);
        refused(
                "LOG-9",
                "last index there is",
                () -> group().append(List.of(LogEntry.of(Long.MAX_VALUE, 0, new byte[0]))));
    }

    @Test
    void whatIsTheOnlyCopyIsNotReleased() throws IOException {
        group().saveEntries(term(1), run(1, 9, 1));
        refused("REL-4", "there is no durable snapshot", () -> group().releaseLock(3));
        group().recordSnapshot(5, 1);
        refused("REL-4", "the newest durable snapshot ends at 5", () -> group().releaseLock(6));
        group().releaseLock(5);
        assertThat(group().firstIndex()).isEqualTo(6);
        group().releaseLock(2); // below the first index: nothing to do
    }

    @Test
    void aSnapshotThatContradictsACommittedEntryIsRefused() throws IOException {
        group().saveEntries(term(4), run(1, 5, 2));
        group().commitIndex(5);
        refused("STATE-5", "the committed entry there has term 2", () -> group().recordSnapshot(4, 3));
        group().recordSnapshot(4, 2);
        refused("LOG-10", "but the one at 4 has term 2", () -> group().recordSnapshot(4, 3));
    }

    @Test
    void aVoteThatCanNotBeStoredAsItIsIsRefused() throws IOException {
        for (String candidate : List.of("n\uD800", "n\uDC00", "\uDC00\uD800", "\uD83Dn", "n".repeat(1025))) {
            TermAndVote vote = new TermAndVote(7, candidate);
            refused("STATE-1", "votedFor", () -> group().saveEntries(vote, run(1, 2, 7)));
            refused("STATE-1", "votedFor", () -> group().saveEntriesAsync(vote, run(1, 2, 7)));
            refused("STATE-1", "votedFor", () -> {
                try (SnapshotWriter writer = group().newSnapshot()) {
                    writer.newFile("x").close();
                    writer.commit(1, 7, vote);
                }
            });
            assertThat(group().isNew()).isTrue();
        }
        String candidate = "n\uD83D\uDE00\u0000\u00e9";
        group().saveEntries(new TermAndVote(7, candidate), run(1, 2, 7));
        reopen();
        assertThat(group().termAndVote()).isEqualTo(new TermAndVote(7, candidate));
    }

    private void refused(String rule, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Group 'g': ")
                .hasMessageContaining(message)
                .hasMessageContaining("(rule " + rule + ")");
    }
}
