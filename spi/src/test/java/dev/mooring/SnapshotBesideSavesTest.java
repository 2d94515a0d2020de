// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A snapshot and the saves of its group at the same time, and a snapshot that fails or does not fit. */
@Timeout(60)
class SnapshotBesideSavesTest extends CoreTest {

    /** STATE-4: what equals an accepted term and vote waits for the sync of that one, here a snapshot's. */
    @Test
    void aTermThatASnapshotRaisesIsNotAcknowledgedBeforeTheSnapshotIsDurable() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        hold();
        FutureTask<Void> snapshot = beside(() -> {
            commit(9, 2, new TermAndVote(2, "x"));
            return null;
        });
        provider.arrivals.acquire();
        FutureTask<Void> save = beside(() -> {
            group().saveEntries(new TermAndVote(2, "x"), List.of());
            return null;
        });
        CompletableFuture<Void> saveAsync = group().saveEntriesAsync(new TermAndVote(2, "x"), List.of());
        CompletableFuture<Void> sync = group().syncAsync();
        awaitWaiting();
        assertThat(List.of(saveAsync.isDone(), sync.isDone(), save.isDone())).containsOnly(false);
        provider.failNext = new IOException("disk on fire");
        provider.gate.release(1_000);
        for (FutureTask<Void> failed : List.of(snapshot, save)) {
            assertThatThrownBy(failed::get).hasRootCauseMessage("disk on fire");
        }
        assertThatThrownBy(saveAsync::get).hasRootCauseMessage("disk on fire");
        assertThatThrownBy(sync::get).hasRootCauseMessage("disk on fire");
        reopen();
        assertThat(group().termAndVote()).isEqualTo(term(1));
    }

    @Test
    void aSyncAfterASnapshotWritesNothing() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        commit(9, 2, new TermAndVote(2, "x"));
        long sequence = provider.contents().sequence;
        group().sync();
        group().saveEntries(new TermAndVote(2, "x"), List.of());
        assertThat(provider.contents().sequence).isEqualTo(sequence);
    }

    /** CRASH-1: a save's term and entries are one change, also where a snapshot of the group is written before them. */
    @Test
    void aSnapshotDoesNotTearASaveInTwo() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        hold();
        CompletableFuture<Void> other = storage.group("h").saveEntriesAsync(term(1), run(1, 1, 1));
        provider.arrivals.acquire();
        FutureTask<Void> snapshot = beside(() -> {
            group().recordSnapshot(3, 1);
            return null;
        });
        awaitWaiting();
        CompletableFuture<Void> save = group().saveEntriesAsync(term(2), run(6, 6, 2));
        provider.gate.release();
        other.get();
        provider.arrivals.acquire();
        provider.gate.release();
        snapshot.get();
        provider.arrivals.acquire(); // the save has come to the disk and is held there: what if the process dies now
        KeptInMemory.Group stored = provider.contents().groups.get("g");
        assertThat(stored.snapshot.index()).isEqualTo(3);
        assertThat(stored.entries.lastKey()).isEqualTo(5);
        assertThat(stored.hardState).isEqualTo(new HardState(1, null, 3));
        provider.gate.release(1_000);
        save.get();
        reopen();
        assertThat(group().termAndVote()).isEqualTo(term(2));
        assertThat(readAll(group())).hasSize(6);
    }

    /** STATE-4: term and vote that a snapshot brings are durable when it returns, also where a save brought them as well. */
    @Test
    void aSnapshotWritesItsTermThoughASaveHasAcceptedItMeanwhile() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        hold();
        CompletableFuture<Void> other = storage.group("h").saveEntriesAsync(term(1), run(1, 1, 1));
        provider.arrivals.acquire();
        FutureTask<Void> snapshot = beside(() -> {
            commit(3, 1, new TermAndVote(7, "x"));
            return null;
        });
        awaitWaiting();
        CompletableFuture<Void> save = group().saveEntriesAsync(new TermAndVote(7, "x"), List.of());
        provider.gate.release();
        other.get();
        while (!snapshot.isDone()) {
            if (provider.arrivals.tryAcquire(10, TimeUnit.MILLISECONDS)) {
                provider.gate.release();
            }
        }
        snapshot.get();
        assertThat(provider.contents().groups.get("g").hardState).isEqualTo(new HardState(7, "x", 3));
        provider.gate.release(1_000);
        save.get();
    }

    /** CRASH-1: what a caller had accepted before it saved a snapshot is not missing beside the snapshot. */
    @Test
    void whatWasAcceptedBeforeASnapshotIsDurableWithIt() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        group().append(run(6, 6, 1));
        commit(3, 1, null);
        assertThat(group().durableIndex()).isEqualTo(6);
        group().attach(bytes("members"));
        group().recordSnapshot(20, 1); // the log does not reach it
        KeptInMemory.Group stored = provider.contents().groups.get("g");
        assertThat(stored.snapshot.index()).isEqualTo(20);
        assertThat(stored.attachment).isNotNull();
    }

    /** The same where the snapshot comes with a term of its own: the save is written first. */
    @Test
    void aSnapshotThatRaisesTheTermComesAfterTheSavesBeforeIt() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        group().append(run(6, 6, 1));
        commit(3, 1, new TermAndVote(7, "x"));
        assertThat(group().durableIndex()).isEqualTo(6);
        reopen();
        assertThat(group().termAndVote()).isEqualTo(new TermAndVote(7, "x"));
        assertThat(readAll(group())).hasSize(6);
    }

    /** FAULT-2: getters, and reads up to the durable index, go on. */
    @Test
    void whatWasDurableCanBeReadAfterASnapshotThatFailed() throws IOException {
        group().saveEntries(term(1), run(1, 5, 1));
        group().append(run(6, 7, 1));
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> commit(9, 2, new TermAndVote(2, "x"))).hasRootCauseMessage("disk on fire");
        assertThat(group().firstIndex()).isEqualTo(1);
        assertThat(group().durableIndex()).isEqualTo(5);
        assertThat(group().snapshot()).isNull();
        assertThat(group().term(5)).isEqualTo(1);
        assertThat(group().get(5)).isEqualTo(run(5, 5, 1).get(0));
        assertThatThrownBy(() -> group().get(6)).isInstanceOf(StorageException.Failed.class);
        assertThatThrownBy(() -> group().sync()).isInstanceOf(StorageException.Failed.class);
    }

    @Test
    void whatWasDurableCanBeReadAfterADropThatFailed() throws IOException { // FAULT-2
        group().saveEntries(term(1), run(1, 5, 1));
        RaftGroup held = group();
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> storage.drop("g")).hasRootCauseMessage("disk on fire");
        assertThat(held.get(5)).isEqualTo(run(5, 5, 1).get(0));
        assertThatThrownBy(held::sync).hasRootCauseMessage("disk on fire");
        reopen();
        assertThat(readAll(group())).hasSize(5);
    }

    /** READ-2: what was accepted on top of a snapshot that failed is not read as what was there before. */
    @Test
    void entriesBehindASnapshotThatFailedAreNotReadInPlaceOfOlderOnes() throws Exception {
        group().saveEntries(term(3), run(1, 10, 3));
        group().saveEntries(term(5), List.of());
        hold();
        FutureTask<Void> snapshot = beside(() -> {
            commit(5, 5, null);
            return null;
        });
        provider.arrivals.acquire();
        group().append(run(6, 7, 5));
        provider.failNext = new IOException("disk on fire");
        provider.gate.release(1_000);
        assertThatThrownBy(snapshot::get).hasRootCauseMessage("disk on fire");
        assertThat(group().lastIndex()).isEqualTo(10);
        assertThat(readAll(group())).isEqualTo(run(1, 10, 3));
        assertThat(group().get(6)).isEqualTo(run(6, 6, 3).get(0));
        assertThat(group().get(9)).isEqualTo(run(9, 9, 3).get(0));
    }

    /** READ-2, FAULT-2: the backend may have done what it says has failed. That is no damage, and a reopen finds it. */
    @Test
    void whatAFailedChangeHasTakenAwayIsNotCalledDamage() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        provider.failAfter = new IOException("disk on fire");
        assertThatThrownBy(() -> commit(9, 2, new TermAndVote(2, "x"))).hasRootCauseMessage("disk on fire");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> group().get(5))
                    .isInstanceOf(StorageException.Failed.class)
                    .hasRootCauseMessage("disk on fire");
        }
        reopen();
        assertThat(group().firstIndex()).isEqualTo(10);
        group().append(run(10, 12, 2));
        group().sync();
        RaftGroup held = group();
        provider.failAfter = new IOException("disk on fire");
        assertThatThrownBy(() -> storage.drop("g")).hasRootCauseMessage("disk on fire");
        assertThatThrownBy(() -> held.get(11))
                .isInstanceOf(StorageException.Failed.class)
                .hasRootCauseMessage("disk on fire");
        reopen();
        assertThat(storage.groups()).isEmpty();
    }

    /** A snapshot that waited for a drop of its group is told of it as every other change. */
    @Test
    void aSnapshotBehindADropIsToldOfIt() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        SnapshotWriter writer = group().newSnapshot();
        writer.newFile("state").close();
        hold();
        CompletableFuture<Void> other = storage.group("h").saveEntriesAsync(term(1), run(1, 1, 1));
        provider.arrivals.acquire();
        FutureTask<Void> drop = beside(() -> {
            storage.drop("g");
            return null;
        });
        awaitWaiting();
        FutureTask<Void> snapshot = beside(() -> {
            writer.commit(5, 1);
            return null;
        });
        awaitWaiting();
        provider.gate.release(1_000);
        other.get();
        drop.get();
        assertThatThrownBy(snapshot::get)
                .hasCauseInstanceOf(StorageException.Failed.class)
                .hasMessageContaining("Group 'g' was dropped");
        writer.close();
    }

    /** What is accepted after a snapshot has begun may come after it, else it never comes to an end. */
    @Test
    void aSnapshotThatRaisesTheTermDoesNotWaitForSavesThatComeAfterIt() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        group().append(run(6, 6, 1));
        hold();
        FutureTask<Void> snapshot = beside(() -> {
            commit(3, 1, new TermAndVote(7, "x"));
            return null;
        });
        for (int next = 7; next < 12 && !snapshot.isDone(); next++) {
            boolean isHeld = provider.arrivals.tryAcquire(200, TimeUnit.MILLISECONDS);
            if (isHeld) {
                group().append(run(next, next, 1));
                provider.gate.release();
            }
        }
        assertThat(snapshot).isDone();
        snapshot.get();
        provider.gate.release(1_000);
        group().sync();
        long last = group().lastIndex();
        reopen();
        assertThat(group().termAndVote()).isEqualTo(new TermAndVote(7, "x"));
        assertThat(group().snapshot().index()).isEqualTo(3);
        assertThat(readAll(group())).isEqualTo(run(1, last, 1));
    }

    /** LOG-10: terms never fall along the log, the snapshot's included. */
    @Test
    void aTermThatDoesNotFitTheLogIsRefused() throws IOException {
        group().saveEntries(term(5), run(1, 10, 1));
        assertThatThrownBy(() -> group().recordSnapshot(0, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Group 'g': the snapshot at 0 has term 5, but entry 1 after it has term 1");
        assertThatThrownBy(() -> commit(0, 5, null)).isInstanceOf(IllegalArgumentException.class);
        group().saveEntries(null, run(11, 12, 4), 12);
        assertThatThrownBy(() -> group().recordSnapshot(20, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the snapshot at 20 has term 3, but the committed entry 12 has term 4");
        group().recordSnapshot(5, RaftStorage.UNKNOWN_TERM);
        group().releaseLock(5);
        reopen();
        assertThatThrownBy(() -> group().recordSnapshot(5, 2)).isInstanceOf(IllegalArgumentException.class);
        group().recordSnapshot(5, 1);
        reopen();
        assertThat(group().lastIndex()).isEqualTo(12);
    }

    /** SNAP-7: the engine's own snapshot ends the retention of ours, whether it knows the term or not. */
    @Test
    void aRecordedSnapshotOfAnUnknownTermTakesThePlaceOfOurs() throws IOException {
        group().saveEntries(term(1), run(1, 20, 1));
        commit(5, 1, null);
        commit(15, 1, null);
        group().recordSnapshot(15, RaftStorage.UNKNOWN_TERM);
        SnapshotPointer newest = group().snapshot();
        assertThat(newest.external()).isTrue();
        assertThat(newest.term()).isEqualTo(1); // what is known stays known
        group().releaseLock(15);
        assertThat(group().firstIndex()).isEqualTo(16);
        assertThat(group().snapshots()).isEmpty();
    }

    // ---- helpers ----

    private void commit(long index, long term, TermAndVote termAndVote) throws IOException {
        try (SnapshotWriter writer = group().newSnapshot()) {
            try (OutputStream out = writer.newFile("state")) {
                out.write(1);
            }
            if (termAndVote == null) {
                writer.commit(index, term);
            } else {
                writer.commit(index, term, termAndVote);
            }
        }
    }

    /** From now on each change of the backend waits for a permit. */
    private void hold() {
        provider.arrivals.drainPermits();
        provider.gate = new Semaphore(0);
    }

    private Thread last;

    private FutureTask<Void> beside(Callable<Void> call) {
        FutureTask<Void> task = new FutureTask<>(call);
        last = new Thread(task, "beside");
        last.setDaemon(true);
        last.start();
        return task;
    }

    /** Until the thread that was started last stands in line. */
    private void awaitWaiting() throws IOException {
        while (last.isAlive()
                && Arrays.stream(last.getStackTrace())
                        .noneMatch(frame -> frame.getClassName().equals(CommitRole.class.getName())
                                && frame.getMethodName().equals("await"))) {
            Thread.onSpinWait();
        }
        storage.group("g").lastIndex(); // it has let go of the lock, so it is in line
    }
}
