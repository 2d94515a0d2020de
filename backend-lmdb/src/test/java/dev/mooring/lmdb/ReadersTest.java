// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StorageBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many that read at the same time. */
class ReadersTest {

    @TempDir
    Path directory;

    @Test
    void moreThreadsMayReadThanThereAreSlots() throws Exception {
        int threads = 100; // LMDB's lock file is whole pages, and the least, one of 4096 bytes, has 62 slots
        Map<String, String> options = Map.of("max-readers", "3");
        try (StorageBackend backend = Stores.open(directory, options, 0, true)) {
            backend.saveEntries(1, List.of(Stores.run("g", 0, 20, 500)));
            CountDownLatch allHaveRead = new CountDownLatch(threads);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            onThreads(threads, () -> {
                try {
                    assertThat(Stores.read(backend, "g", 0, 19)).hasSize(20);
                } catch (Throwable e) {
                    thrown.set(e);
                }
                allHaveRead.countDown();
                await(allHaveRead); // lives on, as the threads of a pool do
            });
            assertThat(thrown.get()).isNull();
        }
    }

    @Test
    void asManyReadAtTheSameTimeAsTheOptionSays() throws Exception {
        int readers = 150; // LMDB alone allows 126
        Map<String, String> options = Map.of("max-readers", Integer.toString(readers));
        try (StorageBackend backend = Stores.open(directory, options, 0, true)) {
            backend.saveEntries(1, List.of(Stores.run("g", 0, 1, 500)));
            CountDownLatch allAreReading = new CountDownLatch(readers);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            onThreads(readers, () -> {
                try {
                    backend.read("g", 0, 0, entry -> {
                        allAreReading.countDown();
                        await(allAreReading);
                        return true;
                    });
                } catch (Throwable e) {
                    thrown.set(e);
                    allAreReading.countDown();
                }
            });
            assertThat(thrown.get()).isNull();
        }
    }

    @Test
    void readsBesideEachOtherAndAWriterFindWhatTheyLookFor() throws Exception { // READ-2
        try (StorageBackend backend = Stores.open(directory)) {
            backend.saveEntries(1, List.of(Stores.run("g", 0, 100, 20), Stores.run("h", 0, 100, 20)));
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicInteger numbers = new AtomicInteger();
            onThreads(4, () -> {
                int number = numbers.getAndIncrement();
                try {
                    for (int i = 0; i < 10_000 && thrown.get() == null; i++) {
                        long index = (i * 7L + number) % 100;
                        assertThat(Stores.read(backend, number % 2 == 0 ? "g" : "h", index, index))
                                .containsExactly(index);
                        if (number == 0 && i % 100 == 0) {
                            backend.saveEntries(2 + i / 100, List.of(Stores.run("g", 100 + i / 100, 1, 20)));
                        }
                    }
                } catch (Throwable e) {
                    thrown.set(e);
                }
            });
            assertThat(thrown.get()).isNull();
        }
    }

    /** Each read ends only once the next one has begun, unless that has to wait. */
    @Test
    void readsThatFollowEachOtherDoNotHoldUpAClose() throws Exception { // LIFE-3
        StorageBackend backend = Stores.open(directory);
        backend.saveEntries(1, List.of(Stores.run("g", 0, 1, 500)));
        AtomicInteger begun = new AtomicInteger();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Thread closer = new Thread(() -> {
            while (begun.get() < 10) {
                LockSupport.parkNanos(100_000);
            }
            try {
                backend.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            assertThat(System.nanoTime()).isLessThan(end);
            begun.set(-1);
        });
        closer.start();
        onThreads(2, () -> {
            try {
                while (System.nanoTime() < end) {
                    backend.read("g", 0, 0, entry -> {
                        int mine = begun.incrementAndGet();
                        long patience = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
                        while (begun.get() == mine && System.nanoTime() < patience) {
                            LockSupport.parkNanos(100_000);
                        }
                        return true;
                    });
                }
            } catch (IOException isClosed) {
                assertThat(isClosed).hasMessageContaining("closed");
            }
        });
        closer.join();
        assertThat(begun).hasValue(-1);
    }

    @Test
    void aDropReturnsWhenNobodyReadsTheGroupAnyMore() throws Exception {
        try (StorageBackend backend = Stores.open(directory)) {
            backend.saveEntries(1, List.of(Stores.run("g", 0, 1, 500)));
            Thread dropper = new Thread(() -> {
                try {
                    backend.drop(2, "g");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            backend.read("g", 0, 0, entry -> {
                dropper.start();
                while (dropper.getState() != Thread.State.WAITING && dropper.getState() != Thread.State.TERMINATED) {
                    LockSupport.parkNanos(100_000);
                }
                assertThat(dropper.getState()).isEqualTo(Thread.State.WAITING);
                return true;
            });
            dropper.join();
        }
    }

    private static void onThreads(int count, Runnable run) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            threads.add(new Thread(run));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
