// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.hooks.FileHook;
import dev.mooring.hooks.HookedFileSystem;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** FAULT-1 and FAULT-2: after the first failed write the disk is unknown, and nobody pretends otherwise. */
@Timeout(60)
class FailStopTest extends CoreTest {

    @Test
    void theSaveThrowsAndEveryChangeAfterItFailsWithTheFirstCause() throws IOException {
        group().saveEntries(term(1), run(1, 5, 1));
        IOException first = new IOException("disk on fire");
        provider.failNext = first;
        assertThatThrownBy(() -> group().saveEntries(null, run(6, 8, 1)))
                .isInstanceOf(StorageException.Failed.class)
                .hasRootCause(first);
        assertThatThrownBy(() -> group().append(run(9, 9, 1))).hasRootCause(first);
        assertThatThrownBy(() -> group().truncateFrom(6)).hasRootCause(first);
        assertThatThrownBy(() -> group().commitIndex(3)).hasRootCause(first);
        assertThatThrownBy(() -> group().sync()).hasRootCause(first);
        assertThatThrownBy(() -> group().syncAsync()).hasRootCause(first);
        assertThatThrownBy(() -> group().attach(bytes("x"))).hasRootCause(first);
        assertThatThrownBy(() -> group().recordSnapshot(2, 1)).hasRootCause(first);
        assertThatThrownBy(() -> group().newSnapshot()).hasRootCause(first);
        assertThatThrownBy(() -> storage.drop("g")).hasRootCause(first);
        assertThatThrownBy(() -> storage.group("other").saveEntries(term(1), List.of()))
                .hasRootCause(first);
    }

    /** The groups and entries whose fate is not known are named in the first message and in every later one. */
    @Test
    void theMessageNamesWhatWasBeingSaved() throws IOException {
        storage.group("h").saveEntries(term(1), run(1, 9, 1));
        storage.group("a").append(run(1, 3, 0));
        storage.group("b").append(run(1, 1, 0));
        storage.group("h").truncateFrom(7);
        storage.group("i").append(run(1, 1, 0));
        provider.failNext = new IOException("disk on fire");
        String saving = " has failed while saving group 'a' entries 1..3, group 'b' entry 1,"
                + " group 'h' without entries from 7, and 2 more, and writes nothing more; ";
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> group().saveEntries(term(1), List.of()))
                    .isInstanceOf(StorageException.Failed.class)
                    .hasMessageContaining(saving)
                    .hasMessageEndingWith(": disk on fire");
        }
    }

    @Test
    void theMessageNamesTheGroupOfAnyOtherChange() throws IOException {
        group().saveEntries(term(1), run(1, 5, 1));
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> group().recordSnapshot(3, 1))
                .hasMessageContaining(" has failed while saving group 'g' snapshot at 3, and writes nothing more; ");
        reopen();
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> storage.drop("g"))
                .hasMessageContaining(" has failed while dropping group 'g', and writes nothing more; ");
    }

    @Test
    void gettersAndReadsUpToTheDurableIndexGoOn() throws IOException {
        group().saveEntries(term(1), run(1, 5, 1));
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> group().saveEntries(null, run(6, 8, 1))).isInstanceOf(StorageException.Failed.class);
        assertThat(group().durableIndex()).isEqualTo(5);
        assertThat(group().termAndVote()).isEqualTo(term(1));
        group().read(1, 5, Long.MAX_VALUE, entry -> true);
        assertThat(group().get(5)).isEqualTo(run(5, 5, 1).get(0));
        assertThatThrownBy(() -> group().get(6)).isInstanceOf(StorageException.Failed.class);
    }

    @Test
    void closeWritesNothingAndWhatWasAcknowledgedIsThereAfterwards() throws IOException {
        group().saveEntries(term(1), run(1, 5, 1));
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> group().saveEntries(null, run(6, 8, 1))).isInstanceOf(StorageException.Failed.class);
        long sequence = provider.contents().sequence;
        reopen();
        assertThat(provider.contents().sequence).isEqualTo(sequence);
        assertThat(readAll(group())).isEqualTo(run(1, 5, 1));
        group().saveEntries(null, run(6, 7, 1)); // work goes on
    }

    /** FAULT-2: whoever closes waits for the storage's own thread, but not for a change, and has not been told of it. */
    @Test
    void aFailureThatNobodyWasToldOfIsThrownByClose() throws Exception {
        group().saveEntries(term(1), run(1, 5, 1));
        group().recordSnapshot(3, 1);
        IOException failure = new IOException("disk on fire");
        provider.failRelease = failure;
        group().releaseLock(3);
        provider.arrivals.tryAcquire(2, 30, TimeUnit.SECONDS); // of the save, and of the release
        FutureTask<Void> closing = new FutureTask<>(() -> {
            storage.close();
            return null;
        });
        Thread closer = new Thread(closing, "closer");
        closer.start();
        while (closer.getState() != Thread.State.WAITING) { // in line behind the storage's own thread
            Thread.onSpinWait();
        }
        provider.releaseGate.release();
        assertThatThrownBy(closing::get)
                .hasRootCause(failure)
                .hasMessageContaining(" while releasing group 'g' entries up to 3, and ");
    }

    @Test
    void everybodyInLineIsTold() throws Exception {
        provider.gate = new Semaphore(0);
        CompletableFuture<Void> first = group().saveEntriesAsync(null, run(1, 1, 0));
        provider.arrivals.acquire();
        CompletableFuture<Void> second = storage.group("h").saveEntriesAsync(null, run(1, 1, 0));
        provider.failNext = new IOException("disk on fire");
        provider.gate.release(2);
        assertThatThrownBy(first::get).isInstanceOf(ExecutionException.class).hasRootCauseMessage("disk on fire");
        assertThatThrownBy(second::get).isInstanceOf(ExecutionException.class).hasRootCauseMessage("disk on fire");
    }

    @Test
    void theObserverIsToldOnce() throws IOException {
        storage.close();
        AtomicInteger told = new AtomicInteger();
        storage = RaftStorage.open(config(), new StorageObserver() {
            @Override
            public void failed(Throwable cause) {
                told.incrementAndGet();
            }
        });
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> group().saveEntries(null, run(1, 1, 0))).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> group().saveEntries(null, run(2, 2, 0))).isInstanceOf(StorageException.class);
        storage.close(); // waits for what is still to be told
        assertThat(told).hasValue(1);
    }

    @Test
    void closeTellsOfAChangeThatCouldNotBeWrittenUnlessSomebodyHasBeenTold() throws IOException { // FAULT-1
        group().saveEntries(term(1), run(1, 3, 1));
        group().append(run(4, 6, 1));
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> storage.close())
                .isInstanceOf(StorageException.Failed.class)
                .hasRootCauseMessage("disk on fire");
        storage.close(); // is closed all the same
        storage = RaftStorage.open(config());
        assertThat(readAll(group())).isEqualTo(run(1, 3, 1));
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> group().saveEntries(null, run(4, 4, 1))).hasRootCauseMessage("disk on fire");
        storage.close();
    }

    @Test
    void theObserverMayCloseAStorageThatFailed() throws Exception {
        storage.close();
        CompletableFuture<RaftStorage> opened = new CompletableFuture<>();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        storage = RaftStorage.open(config(), new StorageObserver() {
            @Override
            public void failed(Throwable cause) {
                try {
                    opened.join().close();
                    closed.complete(null);
                } catch (IOException e) {
                    closed.completeExceptionally(e);
                }
            }
        });
        opened.complete(storage);
        provider.failNext = new IOException("disk on fire");
        assertThatThrownBy(() -> group().saveEntries(null, run(1, 1, 0))).isInstanceOf(StorageException.class);
        closed.get();
        reopen();
        group().saveEntries(null, run(1, 1, 0));
    }

    @Test
    void anObserverThatThrowsOrCallsTheStorageHarmsNothing() throws Exception {
        storage.close();
        List<Throwable> refused = new ArrayList<>();
        CountDownLatch told = new CountDownLatch(2); // of the second save perhaps after its future has completed
        storage = RaftStorage.open(config(), new StorageObserver() {
            @Override
            public void saved(Save save) {
                for (Task task : List.<Task>of(
                        () -> group().saveEntries(null, run(9, 9, 0)),
                        () -> group().sync(),
                        () -> group().recordSnapshot(1, 0),
                        () -> storage.drop("g"),
                        () -> storage.close())) {
                    try {
                        task.run();
                    } catch (IllegalStateException | IOException e) {
                        refused.add(e);
                    }
                }
                told.countDown();
                throw new NoClassDefFoundError("Metrics");
            }
        });
        group().saveEntries(null, run(1, 1, 0));
        group().saveEntriesAsync(null, run(2, 2, 0)).join();
        told.await();
        assertThat(refused).hasSize(10).allMatch(e -> e instanceof IllegalStateException);
        reopen();
        assertThat(readAll(group())).isEqualTo(run(1, 2, 0));
    }

    /** FAULT-2: a group that was dropped on a disk that then failed tells of the disk. */
    @Test
    void aDropThatFailsHalfwayDoesNotHideTheFailure() throws IOException {
        storage.close();
        boolean[] failing = new boolean[1];
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (failing[0] && operation == FileHook.Operation.MOVE) {
                throw new IOException("disk on fire");
            }
        });
        storage = RaftStorage.open(config().withDirectory(hooked.resolve("storage")));
        RaftGroup group = group();
        group.saveEntries(term(1), run(1, 5, 1));
        try (SnapshotWriter writer = group.newSnapshot()) {
            writer.commit(3, 1);
        }
        failing[0] = true;
        assertThatThrownBy(() -> storage.drop("g")).hasRootCauseMessage("disk on fire");
        for (Task task : List.<Task>of(
                group::sync,
                () -> group.append(run(6, 6, 1)),
                () -> group.recordSnapshot(5, 1),
                () -> group.releaseLock(3),
                group::newSnapshot,
                () -> storage.drop("g"))) {
            assertThatThrownBy(task::run).hasRootCauseMessage("disk on fire");
        }
    }

    @Test
    void whatFailsAtOpenSaysWhatToDo() throws IOException { // FAULT-4
        storage.close();
        provider.failLoad = new FileSystemException("/data/MANIFEST", null, "Too many open files");
        assertThatThrownBy(() -> RaftStorage.open(config()))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("/data/MANIFEST")
                .hasMessageContaining("ulimit -n");
        provider.failLoad = null;
        storage = RaftStorage.open(config()); // the directory is free again
    }

    private interface Task {
        void run() throws IOException;
    }

    @Test
    void aBackendThatThrowsUncheckedPoisonsToo() throws IOException {
        group().saveEntries(null, run(1, 1, 0));
        provider.contents().sequence = 77; // the backend notices and throws an IllegalStateException
        assertThatThrownBy(() -> group().saveEntries(null, run(2, 2, 0)))
                .isInstanceOf(StorageException.Failed.class)
                .hasRootCauseInstanceOf(IllegalStateException.class);
        provider.contents().sequence = 1;
    }

    @Test
    void callsOnAClosedStorageSaySo() throws IOException {
        RaftGroup group = group();
        group.saveEntries(null, run(1, 1, 0));
        storage.close();
        storage.close();
        assertThatThrownBy(() -> group.saveEntries(null, run(2, 2, 0)))
                .isInstanceOf(StorageException.Failed.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> group.get(1)).hasMessageContaining("closed");
        assertThatThrownBy(() -> storage.group("g")).hasMessageContaining("closed");
        assertThatThrownBy(() -> storage.drop("g")).hasMessageContaining("closed");
    }
}
