// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who writes, what one write covers, who is told when. */
@Timeout(60)
class GroupCommitTest extends CoreTest {

    @Test
    void callersThatComeDuringAWriteShareTheNextOne() throws Exception {
        provider.gate = new Semaphore(0);
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        callers.add(save("g0"));
        provider.arrivals.acquire(); // the first write is under way
        for (int i = 1; i <= 8; i++) {
            callers.add(storage.group("g" + i).saveEntriesAsync(term(1), run(1, 3, 1)));
        }
        assertThat(callers).noneMatch(CompletableFuture::isDone);
        provider.gate.release(2);
        for (CompletableFuture<Void> caller : callers) {
            caller.get();
        }
        assertThat(provider.savedGroups).containsExactly(1, 8);
    }

    /** Appends that nobody waits for are nobody's call, and a future is one, whoever writes for it. */
    @Test
    void theObserverIsToldOfAsManyCallersAsThereWere() throws Exception {
        storage.close();
        List<Integer> callers = Collections.synchronizedList(new ArrayList<>());
        storage = RaftStorage.open(config(), new StorageObserver() {
            @Override
            public void saved(StorageObserver.Save save) {
                callers.add(save.callers());
            }
        });
        group().saveEntries(term(1), run(1, 1, 1));
        group().saveEntriesAsync(null, run(2, 2, 1)).get();
        group().append(run(3, 3, 1));
        group().recordSnapshot(3, 1);
        group().append(run(4, 4, 1));
        storage.close();
        assertThat(callers).containsExactly(1, 1, 0, 0);
    }

    /** A caller who waits writes itself; only what nobody waits for needs a thread of the storage's. */
    @Test
    void threadsBeginWhenTheyAreNeeded() throws Exception {
        group().saveEntries(term(1), run(1, 3, 1));
        assertThat(threads()).doesNotContain("writer", "callbacks");
        group().saveEntriesAsync(term(1), run(4, 4, 1)).get();
        assertThat(threads()).contains("writer", "callbacks");
        storage.close();
        assertThat(threads()).isEmpty();
        assertThatThrownBy(() -> group().saveEntriesAsync(term(1), run(5, 5, 1)))
                .isInstanceOf(StorageException.Failed.class);
        assertThat(threads()).isEmpty();
    }

    private static List<String> threads() {
        String prefix = "mooring-storage-";
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    /** What is there after a crash does not depend on how much of the past was written at once. */
    @Test
    void aLogThatIsEmptiedBeforeItIsWrittenIsKeptAllTheSame() throws Exception { // LOG-3, CRASH-3
        group().append(run(1, 4, 0));
        group().truncateFrom(1);
        RaftGroup voter = storage.group("voter");
        voter.saveEntries(term(1), List.of());
        voter.append(run(1, 4, 1));
        voter.truncateFrom(1);
        group().sync();
        voter.sync();
        reopen();
        assertThat(storage.groups()).contains("g", "voter");
        for (String name : List.of("g", "voter")) {
            assertThat(storage.group(name).firstIndex()).isEqualTo(1);
            assertThat(storage.group(name).lastIndex()).isZero();
        }
    }

    @Test
    void acceptedEntriesAreReadableBeforeTheyAreDurable() throws Exception {
        provider.gate = new Semaphore(0);
        CompletableFuture<Void> saved = group().saveEntriesAsync(term(1), run(1, 3, 1));
        assertThat(group().lastIndex()).isEqualTo(3);
        assertThat(group().durableIndex()).isLessThanOrEqualTo(0);
        assertThat(readAll(group())).isEqualTo(run(1, 3, 1));
        assertThat(group().get(2)).isEqualTo(run(2, 2, 1).get(0));
        provider.gate.release();
        saved.get();
        assertThat(group().durableIndex()).isEqualTo(3);
    }

    @Test
    void truncationDuringAWriteLowersTheDurableIndexAndTheOldFutureStillCompletes() throws Exception {
        provider.gate = new Semaphore(0);
        CompletableFuture<Void> old = group().saveEntriesAsync(term(1), run(1, 10, 1));
        provider.arrivals.acquire();
        group().truncateFrom(4);
        group().append(run(4, 6, 1));
        assertThat(group().lastIndex()).isEqualTo(6);
        provider.gate.release();
        old.get();
        // entries 4..6 of now are not the entries 4..10 that were written
        assertThat(group().durableIndex()).isEqualTo(3);
        provider.gate.release();
        group().sync();
        assertThat(group().durableIndex()).isEqualTo(6);
        reopen();
        assertThat(group().lastIndex()).isEqualTo(6);
        assertThat(readAll(group())).isEqualTo(run(1, 6, 1));
    }

    @Test
    void futuresOfAGroupCompleteInOrder() throws Exception {
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int number = i;
            all.add(group().saveEntriesAsync(term(1), run(i + 1, i + 1, 1)).thenRun(() -> order.add(number)));
        }
        CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).get();
        assertThat(order).isSorted().hasSize(500);
    }

    @Test
    void aCallbackMaySaveAndCloseTheStorage() throws Exception {
        CompletableFuture<Long> done = new CompletableFuture<>();
        CompletableFuture<Void> called = group().saveEntriesAsync(term(1), run(1, 1, 1))
                .thenRun(() -> {
                    try {
                        group().saveEntries(null, run(2, 2, 1));
                        long last = group().durableIndex();
                        storage.close();
                        done.complete(last);
                    } catch (IOException e) {
                        done.completeExceptionally(e);
                    }
                });
        assertThat(done.get()).isEqualTo(2);
        called.get();
        storage.close();
        open();
        assertThat(group().lastIndex()).isEqualTo(2);
    }

    @Test
    void anInterruptedCallerSavesAllTheSameAndKeepsItsFlag() throws Exception {
        Thread.currentThread().interrupt();
        group().saveEntries(term(1), run(1, 2, 1));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(group().durableIndex()).isEqualTo(2);
    }

    @Test
    void aFullQueueMakesAppendWriteItself() throws Exception {
        reopenWith("mooring.queue-bytes", "4096");
        for (int i = 1; i <= 200; i++) {
            group().append(run(i, i, 0)); // 100 and some bytes each, and nobody ever syncs
        }
        assertThat(group().lastIndex()).isEqualTo(200);
        assertThat(group().durableIndex()).isGreaterThan(100);
    }

    @Test
    void anEmptyQueueAdmitsAnyLegalUpdate() throws Exception {
        reopenWith("mooring.queue-bytes", "4096");
        group().saveEntries(null, List.of(LogEntry.of(1, 0, new byte[1 << 20])));
        assertThat(group().durableIndex()).isEqualTo(1);
    }

    /** The room goes to who came first, else a large update waits for as long as there are small ones. */
    @Test
    void aLargeUpdateIsNotOvertakenForEver() throws Exception {
        reopenWith("mooring.queue-bytes", "4096");
        provider.gate = new Semaphore(0);
        List<CompletableFuture<Void>> small = new ArrayList<>();
        small.add(save("first"));
        provider.arrivals.acquire();
        small.add(storage.group("second").saveEntriesAsync(null, run(1, 1, 0)));
        CompletableFuture<Void> large = new CompletableFuture<>();
        Thread appender = new Thread(() -> {
            try {
                group().append(List.of(LogEntry.of(1, 0, new byte[8192])));
                large.complete(null);
            } catch (IOException e) {
                large.completeExceptionally(e);
            }
        });
        appender.start();
        awaitInLine(appender, CommitQueue.class);
        for (int i = 0; i < 10 && !large.isDone(); i++) {
            small.add(save("more-" + i)); // one is always there when a write ends
            TimeUnit.MILLISECONDS.sleep(20);
            provider.gate.release();
            assertThat(provider.arrivals.tryAcquire(100, TimeUnit.MILLISECONDS)).isIn(true, false);
        }
        assertThat(large).isDone();
        provider.gate.release(1_000);
        for (CompletableFuture<Void> each : small) {
            each.get();
        }
    }

    private static void awaitInLine(Thread thread, Class<?> where) {
        while (thread.getState() != Thread.State.WAITING
                || Arrays.stream(thread.getStackTrace())
                        .noneMatch(frame -> frame.getClassName().equals(where.getName()))) {
            Thread.onSpinWait();
        }
    }

    @Test
    void closeFailsCallersThatWaitForRoomAndWritesWhatWasAccepted() throws Exception {
        reopenWith("mooring.queue-bytes", "4096");
        provider.gate = new Semaphore(0);
        CompletableFuture<Void> first = group().saveEntriesAsync(null, run(1, 30, 0));
        provider.arrivals.acquire();
        CompletableFuture<Void> waiting = new CompletableFuture<>();
        CountDownLatch began = new CountDownLatch(1);
        Thread appender = new Thread(() -> {
            began.countDown();
            try {
                group().append(run(31, 60, 0));
                waiting.complete(null);
            } catch (IOException e) {
                waiting.completeExceptionally(e);
            }
        });
        appender.start();
        began.await();
        while (appender.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        Thread closing = new Thread(() -> {
            try {
                storage.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        closing.start();
        assertThatThrownBy(waiting::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(StorageException.Failed.class);
        provider.gate.release(10);
        closing.join();
        first.get();
        open();
        assertThat(group().lastIndex()).isEqualTo(30);
    }

    @Test
    void nothingNewCostsNoSync() throws Exception {
        group().saveEntries(new TermAndVote(3, "b"), run(1, 1, 3)); // STATE-4
        int saves = provider.savedGroups.size();
        group().saveEntries(new TermAndVote(3, "b"), List.of());
        group().sync();
        group().saveEntriesAsync(null, List.of()).get();
        group().commitIndex(1);
        group().sync();
        assertThat(provider.savedGroups).hasSize(saves);
    }

    @Test
    void theCommitIndexRidesOnTheNextSaveAndOnClose() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        group().commitIndex(3);
        group().saveEntries(null, run(6, 6, 1));
        assertThat(provider.contents().groups.get("g").hardState.commitIndex()).isEqualTo(3);
        group().commitIndex(6);
        reopen();
        assertThat(group().commitIndex()).isEqualTo(6);
    }

    @Test
    void whatOneGroupAcceptedIsWrittenWithTheSaveOfAnother() throws Exception {
        storage.group("a").append(run(0, 3, 0));
        storage.group("b").saveEntries(term(1), List.of());
        assertThat(storage.group("a").durableIndex()).isEqualTo(3);
        assertThat(provider.savedGroups).containsExactly(2);
    }

    @Test
    void manyThreadsOverManyGroupsLoseNothing() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int t = 0; t < 8; t++) {
            String name = "g" + t;
            boolean async = t % 2 == 0;
            Thread thread = new Thread(() -> {
                try {
                    for (int i = 0; i < 300; i++) {
                        if (async) {
                            storage.group(name)
                                    .saveEntriesAsync(null, run(i, i, 0))
                                    .get(30, TimeUnit.SECONDS);
                        } else {
                            storage.group(name).saveEntries(null, run(i, i, 0));
                        }
                        if (storage.group(name).durableIndex() != i) {
                            throw new AssertionError("acknowledged " + i + " but durable is "
                                    + storage.group(name).durableIndex());
                        }
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        reopen();
        for (int t = 0; t < 8; t++) {
            assertThat(readAll(storage.group("g" + t))).isEqualTo(run(0, 299, 0));
        }
    }

    private CompletableFuture<Void> save(String name) {
        CompletableFuture<Void> saved = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        storage.group(name).saveEntries(term(1), run(1, 3, 1));
                        saved.complete(null);
                    } catch (IOException e) {
                        saved.completeExceptionally(e);
                    }
                })
                .start();
        return saved;
    }

    private void reopenWith(String key, String value) throws IOException {
        storage.close();
        storage = RaftStorage.open(config().with(key, value));
    }
}
