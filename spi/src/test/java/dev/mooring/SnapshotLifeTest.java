// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Saving, keeping, losing and replacing snapshots, as an engine sees it. */
@Timeout(60)
class SnapshotLifeTest extends CoreTest {

    @Test
    void aSnapshotIsThereAfterReopening() throws IOException {
        group().saveEntries(term(2), run(1, 10, 2));
        save(10, 2, "state at 10");
        assertThat(group().commitIndex()).isEqualTo(10); // STATE-7: a snapshot raises it
        reopen();
        assertThat(contentOf(group())).isEqualTo("state at 10");
        assertThat(group().snapshot().index()).isEqualTo(10);
        assertThat(group().snapshot().term()).isEqualTo(2);
        assertThat(group().lastIndex()).isEqualTo(10);
    }

    @Test
    void theLogIsKeptWhereItGoesOnAndDiscardedWhereItDoesNot() throws IOException {
        group().saveEntries(term(3), run(1, 10, 2));
        save(6, 2, "six"); // SNAP-3
        assertThat(group().lastIndex()).isEqualTo(10);
        save(8, 3, "eight of another term");
        assertThat(group().firstIndex()).isEqualTo(9);
        assertThat(group().lastIndex()).isEqualTo(8);
        assertThat(group().term(8)).isEqualTo(3);
        group().saveEntries(null, run(9, 9, 3));
        save(20, 3, "beyond the log");
        reopen();
        assertThat(group().firstIndex()).isEqualTo(21);
        assertThat(group().lastIndex()).isEqualTo(20);
        assertThat(contentOf(group())).isEqualTo("beyond the log");
    }

    @Test
    void aSnapshotOfEntriesThatWereOnlyAcceptedMakesThemDurableFirst() throws IOException {
        group().saveEntries(term(1), List.of());
        group().append(run(1, 10, 1));
        save(7, 1, "seven");
        assertThat(group().durableIndex()).isEqualTo(10);
        reopen();
        assertThat(readAll(group())).isEqualTo(run(1, 10, 1));
    }

    @Test
    void aSnapshotMayRaiseTheTermInTheSameChange() throws IOException {
        assertThatThrownBy(() -> save(50, 7, "from the leader")).isInstanceOf(IllegalArgumentException.class);
        try (SnapshotWriter writer = group().newSnapshot()) {
            write(writer, "from the leader");
            writer.commit(50, 7, new TermAndVote(7, null));
        }
        reopen();
        assertThat(group().termAndVote()).isEqualTo(term(7));
        assertThat(group().commitIndex()).isEqualTo(50);
        group().saveEntries(null, run(51, 51, 7)); // LOG-9: after a snapshot at i at i + 1
    }

    @Test
    void anOlderSnapshotChangesNothingAndAnEqualOneReplaces() throws IOException {
        group().saveEntries(term(1), run(1, 10, 1));
        save(8, 1, "eight");
        save(5, 1, "five"); // SNAP-4
        assertThat(contentOf(group())).isEqualTo("eight");
        save(8, 1, "eight again");
        assertThat(contentOf(group())).isEqualTo("eight again");
        reopen();
        assertThat(contentOf(group())).isEqualTo("eight again");
        assertThat(published()).isEqualTo(1);
    }

    @Test
    void twoAreRetainedAndHoldBackTheRelease() throws IOException {
        group().saveEntries(term(1), run(1, 40, 1));
        save(10, 1, "ten");
        save(20, 1, "twenty");
        group().releaseLock(20);
        assertThat(group().firstIndex()).isEqualTo(11); // up to the oldest retained
        save(30, 1, "thirty");
        assertThat(group().firstIndex()).isEqualTo(21); // the rest follows when retention moves on
        assertThat(published()).isEqualTo(2);
        reopen();
        assertThat(group().firstIndex()).isEqualTo(21); // REL-5
        assertThat(readAll(group())).isEqualTo(run(21, 40, 1));
    }

    @Test
    void allThatAreRetainedAreListedAndReadable() throws IOException {
        assertThat(group().snapshots()).isEmpty();
        group().saveEntries(term(1), run(1, 40, 1));
        save(10, 1, "ten");
        SnapshotPointer ten = group().snapshot();
        save(20, 1, "twenty");
        for (int round = 0; round < 2; round++) {
            assertThat(group().snapshots()).containsExactly(group().snapshot(), ten);
            try (Snapshot older = group().openSnapshot(ten)) {
                assertThat(older.index()).isEqualTo(10);
                assertThat(older.open(SnapshotWriter.DEFAULT_FILE).readAllBytes())
                        .isEqualTo("ten".getBytes(UTF_8));
            }
            reopen();
        }
        save(30, 1, "thirty");
        assertThat(group().snapshots()).hasSize(2).doesNotContain(ten);
        assertThat(group().openSnapshot(ten)).isNull();
        group().recordSnapshot(35, 1);
        assertThat(group().snapshots()).isEmpty();
    }

    @Test
    void aDamagedNewestSnapshotFallsBackWhereNoEntryIsMissing() throws IOException {
        group().saveEntries(term(1), run(1, 40, 1));
        save(10, 1, "ten");
        save(20, 1, "twenty");
        group().releaseLock(20);
        storage.close();
        damage("twenty");
        storage = RaftStorage.open(config());
        assertThat(contentOf(group())).isEqualTo("ten");
        assertThat(readAll(group())).isEqualTo(run(11, 40, 1));
        save(25, 1, "twenty-five");
        reopen();
        assertThat(contentOf(group())).isEqualTo("twenty-five");
    }

    /** As many as there are is a legal number of snapshots to keep. */
    @Test
    void aFallBackToAThirdSnapshotKeepsAllThatAreThere() throws IOException {
        storage.close();
        storage = RaftStorage.open(config().with("mooring.snapshot.retain", "2147483647"));
        group().saveEntries(term(1), run(1, 40, 1));
        save(10, 1, "ten");
        save(20, 1, "twenty");
        save(30, 1, "thirty");
        storage.close();
        damage("thirty");
        damage("twenty");
        storage = RaftStorage.open(config().with("mooring.snapshot.retain", "2147483647"));
        assertThat(contentOf(group())).isEqualTo("ten");
    }

    /** What is kept as evidence must not take the place of what can be fallen back on. */
    @Test
    void aSnapshotThatIsKnownToBeDamagedIsNotRetained() throws IOException {
        group().saveEntries(term(1), run(1, 40, 1));
        save(10, 1, "ten");
        SnapshotPointer ten = group().snapshot();
        save(20, 1, "twenty");
        storage.close();
        damage("twenty");
        storage = RaftStorage.open(config());
        save(30, 1, "thirty");
        reopen();
        assertThat(group().snapshots()).containsExactly(group().snapshot(), ten);
        group().releaseLock(30);
        assertThat(group().firstIndex()).isEqualTo(11);
        storage.close();
        damage("thirty");
        storage = RaftStorage.open(config());
        assertThat(contentOf(group())).isEqualTo("ten");
        assertThat(readAll(group())).isEqualTo(run(11, 40, 1));
    }

    @Test
    void aFallBackLooksBeyondWhatIsRetained() throws IOException {
        group().saveEntries(term(1), run(1, 40, 1));
        save(10, 1, "ten");
        save(20, 1, "twenty");
        storage.close();
        damage("twenty");
        storage = RaftStorage.open(config());
        save(30, 1, "thirty"); // ten, the damaged twenty and thirty are there
        storage.close();
        damage("thirty");
        storage = RaftStorage.open(config());
        assertThat(contentOf(group())).isEqualTo("ten");
    }

    @Test
    void aWriterThatWasClosedPublishesNothingNotEvenAnOlderOne() throws IOException { // SNAP-4
        group().saveEntries(term(1), run(1, 20, 1));
        save(10, 1, "ten");
        SnapshotWriter closed = group().newSnapshot();
        closed.close();
        for (long index : new long[] {5, 15}) {
            assertThatThrownBy(() -> closed.commit(index, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Group 'g': this snapshot was given up already");
        }
    }

    @Test
    void aDamagedSnapshotWithoutEntriesToBridgeClosesItsGroupOnly() throws IOException {
        group().saveEntries(term(1), run(1, 5, 1));
        save(30, 1, "thirty");
        storage.group("other").saveEntries(term(1), run(1, 3, 1));
        storage.close();
        damage("thirty");
        storage = RaftStorage.open(config());
        assertThatThrownBy(() -> group())
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("Group 'g'")
                .hasMessageContaining("drop the group and let this server join it again");
        assertThat(storage.group("other").lastIndex()).isEqualTo(3);
        assertThat(storage.groups()).containsExactly("g", "other");
        storage.drop("g");
        assertThat(group().isNew()).isTrue();
        group().saveEntries(term(1), run(1, 1, 1));
    }

    @Test
    void anOpenReaderOutlivesNewerSnapshotsAndTheDroppedGroup() throws IOException {
        group().saveEntries(term(1), run(1, 40, 1));
        save(10, 1, "ten");
        try (Snapshot reader = group().openSnapshot()) {
            save(20, 1, "twenty");
            save(30, 1, "thirty");
            save(40, 1, "forty");
            assertThat(text(reader)).isEqualTo("ten");
            storage.drop("g");
            assertThat(text(reader)).isEqualTo("ten");
        }
    }

    @Test
    void aWriterThatIsNotCommittedLeavesNoTrace() throws IOException {
        try (SnapshotWriter writer = group().newSnapshot()) {
            write(writer, "never committed"); // SNAP-5
        }
        assertThat(group().isNew()).isTrue();
        assertThat(group().openSnapshot()).isNull();
        try (SnapshotWriter writer = group().newSnapshot()) {
            write(writer, "cut off by close");
            storage.close();
        }
        storage = RaftStorage.open(config());
        assertThat(published()).isZero();
    }

    @Test
    void aCommitUnderAnOpenStreamIsTheCallersMistakeAndMayBeRepeated() throws IOException {
        group().saveEntries(term(1), run(1, 5, 1));
        try (SnapshotWriter writer = group().newSnapshot()) {
            OutputStream open = writer.newFile("data");
            open.write("five".getBytes(UTF_8));
            assertThatThrownBy(() -> writer.commit(5, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("still open");
            assertThat(group().snapshot()).isNull();
            group().saveEntries(null, run(6, 6, 1));
            open.close();
            writer.commit(5, 1);
            assertThatThrownBy(() -> writer.commit(5, 1)).isInstanceOf(IllegalStateException.class);
        }
        reopen();
        assertThat(contentOf(group())).isEqualTo("five");
        assertThat(group().lastIndex()).isEqualTo(6);
    }

    @Test
    void aWriterThatIsClosedUnderItsCommitFailsThatSnapshotOnly() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        storage.group("other").saveEntries(term(1), List.of());
        int arrivedBefore = provider.arrivals.drainPermits();
        assertThat(arrivedBefore).isPositive();
        provider.gate = new Semaphore(0);
        CompletableFuture<Void> held = storage.group("other").saveEntriesAsync(null, run(1, 1, 1));
        provider.arrivals.acquire(); // somebody writes, and goes on writing
        SnapshotWriter writer = group().newSnapshot();
        write(writer, "five");
        FutureTask<Void> commit = new FutureTask<>(() -> {
            writer.commit(5, 1);
            return null;
        });
        Thread committing = new Thread(commit, "committing");
        committing.start();
        while (committing.getState() != Thread.State.WAITING) { // sealed, and in the line of those who write
            assertThat(committing.isAlive()).isTrue();
            Thread.onSpinWait();
        }
        writer.close();
        provider.gate.release(1_000);
        assertThatThrownBy(commit::get).hasCauseInstanceOf(IllegalStateException.class);
        held.get();
        assertThat(group().snapshot()).isNull();
        assertThat(published()).isZero();
        group().saveEntries(null, run(6, 6, 1)); // nothing is poisoned
        save(6, 1, "six");
        reopen();
        assertThat(contentOf(group())).isEqualTo("six");
    }

    @Test
    void aRecordedSnapshotEndsTheRetentionOfOurOwnAndReleasesFreely() throws IOException {
        group().saveEntries(term(1), run(1, 20, 1));
        save(5, 1, "five");
        group().recordSnapshot(15, RaftStorage.UNKNOWN_TERM); // SNAP-7: an entry held at 15 counts as the same
        assertThat(group().lastIndex()).isEqualTo(20);
        assertThat(group().openSnapshot()).isNull();
        assertThat(published()).isZero();
        group().releaseLock(15);
        assertThat(group().firstIndex()).isEqualTo(16);
        group().recordSnapshot(30, RaftStorage.UNKNOWN_TERM);
        assertThat(group().firstIndex()).isEqualTo(31);
        assertThat(group().lastIndex()).isEqualTo(30);
        assertThat(group().term(30)).isEqualTo(RaftStorage.UNKNOWN_TERM);
        reopen();
        assertThat(group().snapshot().external()).isTrue();
        assertThat(group().firstIndex()).isEqualTo(31);
        group().saveEntries(null, run(31, 33, 1));
        assertThat(group().durableIndex()).isEqualTo(33);
    }

    @Test
    void recordingTheSameAgainCostsNothing() throws IOException {
        group().saveEntries(term(1), run(1, 20, 1));
        group().recordSnapshot(15, 1);
        long sequence = provider.contents().sequence;
        group().recordSnapshot(15, 1);
        group().recordSnapshot(3, 1);
        assertThat(provider.contents().sequence).isEqualTo(sequence);
    }

    @Test
    void snapshotsWhileOthersSaveKeepEveryAcknowledgedEntry() throws Exception {
        group().saveEntries(term(1), run(1, 1, 1));
        Thread saver = new Thread(() -> {
            try {
                for (int i = 2; i <= 400; i++) {
                    group().append(run(i, i, 1));
                    group().commitIndex(i);
                    if (i % 3 == 0) {
                        group().sync();
                    }
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        saver.start();
        while (saver.isAlive()) {
            long index = group().durableIndex();
            save(index, 1, "at " + index);
            group().releaseLock(index);
        }
        saver.join();
        reopen();
        assertThat(group().lastIndex()).isEqualTo(400);
        assertThat(group().commitIndex()).isEqualTo(400);
        assertThat(readAll(group())).isEqualTo(run(group().firstIndex(), 400, 1));
    }

    @Test
    void ofOneSnapshotSavedByManyAtOnceOneIsKept() throws Exception { // SNAP-4
        group().saveEntries(term(1), run(1, 10, 1));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 20; round++) {
                List<Future<?>> saves = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    saves.add(threads.submit(() -> {
                        save(10, 1, "ten");
                        return null;
                    }));
                }
                for (Future<?> save : saves) {
                    save.get();
                }
                assertThat(contentOf(group())).isEqualTo("ten");
                assertThat(published()).isEqualTo(1);
            }
        } finally {
            threads.shutdown();
        }
        reopen();
        assertThat(contentOf(group())).isEqualTo("ten");
    }

    @Test
    void whatIsKnownOfASnapshotsTermStaysKnown() throws IOException { // SNAP-7
        group().recordSnapshot(10, 0);
        group().recordSnapshot(10, RaftStorage.UNKNOWN_TERM);
        reopen();
        assertThat(group().term(10)).isZero();
    }

    @Test
    void nothingIsOpenedOnceTheStorageIsClosed() throws IOException { // LIFE-3
        group().saveEntries(term(1), run(1, 10, 1));
        save(10, 1, "ten");
        RaftGroup group = group();
        storage.close();
        assertThatThrownBy(group::openSnapshot).isInstanceOf(StorageException.Failed.class);
        assertThatThrownBy(group::snapshots).isInstanceOf(StorageException.Failed.class);
        assertThatThrownBy(group::newSnapshot).isInstanceOf(StorageException.Failed.class);
    }

    private void save(long index, long term, String content) throws IOException {
        try (SnapshotWriter writer = group().newSnapshot()) {
            write(writer, content);
            writer.commit(index, term);
        }
    }

    private static void write(SnapshotWriter writer, String content) throws IOException {
        try (OutputStream file = writer.newFile(SnapshotWriter.DEFAULT_FILE)) {
            file.write(content.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String contentOf(RaftGroup group) throws IOException {
        try (Snapshot snapshot = group.openSnapshot()) {
            return text(snapshot);
        }
    }

    private static String text(Snapshot snapshot) throws IOException {
        try (InputStream stream = snapshot.open(SnapshotWriter.DEFAULT_FILE)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private long published() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("storage/snapshots"))) {
            return files.filter(file -> file.getFileName().toString().equals(SnapshotWriter.DEFAULT_FILE))
                    .count();
        }
    }

    /** Turns a bit in the file with this content. */
    private void damage(String content) throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("storage/snapshots"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                if (new String(bytes, StandardCharsets.UTF_8).equals(content)) {
                    bytes[0] ^= 1;
                    Files.write(file, bytes);
                    return;
                }
            }
        }
        throw new AssertionError("no file with '" + content + "'");
    }
}
