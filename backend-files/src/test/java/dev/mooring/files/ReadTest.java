// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.Entry;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads beside everything else, on a real file system and with the real background thread. */
class ReadTest {

    private static final Subject.Setting SETTING =
            Subject.Setting.SMALL.segments(64 << 10).withThread();

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /** READ-2: whatever is handed out was saved under that index; the writer truncates, releases, moves and recycles. */
    @Test
    void readersSeeOnlyWhatWasSaved() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong reads = new AtomicLong();
        AtomicLong first = new AtomicLong(1);
        try (Subject subject = Subject.open(directory, SETTING)) {
            subject.append("g", 50, 500);
            subject.append("slow", 50, 500);
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Random random = new Random(i);
                String group = i == 2 ? "slow" : "g";
                readers.add(threads.submit(() -> {
                    while (!done.get()) {
                        long from = "g".equals(group) ? first.get() + random.nextInt(60) : 1 + random.nextInt(50);
                        long[] next = {from};
                        subject.backend.read(group, from, from + 40, entry -> {
                            assertThat(entry.index()).isEqualTo(next[0]++);
                            assertThat(Entry.checksum(group, entry.index(), entry.term(), entry.payload()))
                                    .isEqualTo(entry.checksum());
                            reads.incrementAndGet();
                            return true;
                        });
                        if ("slow".equals(group)) {
                            assertThat(next[0]).isGreaterThan(from);
                        }
                    }
                    return null;
                }));
            }
            Random random = new Random(9);
            for (int i = 0; i < 1500; i++) {
                long last = subject.model.state("g").lastIndex();
                if (i % 5 == 4) {
                    long from = last - random.nextInt(10);
                    List<Entry> entries = Payloads.run("g", from, 3, 1 + i, 400 + random.nextInt(900), i);
                    subject.saveEntries(subject.next(), List.of(new Update("g", from, entries, null, null)));
                } else {
                    subject.append("g", 1 + random.nextInt(3), random.nextInt(3000));
                }
                if (i % 7 == 6) {
                    subject.keep("g", 60);
                    first.set(subject.model.state("g").firstIndex());
                }
            }
            done.set(true);
            for (Future<?> reader : readers) {
                reader.get();
            }
            subject.checkReads();
        }
        assertThat(reads.get()).isPositive();
    }

    /** LIFE-3: close waits for a read, and later reads are refused. */
    @Test
    void closeWaitsForARead() throws Exception {
        Subject subject = Subject.open(directory, SETTING);
        subject.append("g", 3, 100);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<Long> visited = new ArrayList<>();
        Future<?> reader = threads.submit(() -> {
            subject.backend.read("g", 1, 3, entry -> {
                reading.countDown();
                await(goOn);
                visited.add(entry.index());
                return true;
            });
            return null;
        });
        reading.await();
        Future<?> closing = threads.submit(() -> {
            subject.close();
            return null;
        });
        assertThat(visited).isEmpty();
        goOn.countDown();
        closing.get(1, TimeUnit.MINUTES);
        assertThat(visited).as("the read had ended when close returned").containsExactly(1L, 2L, 3L);
        reader.get();
        assertThatThrownBy(() -> subject.read("g", 1, 3)).isInstanceOf(StorageException.Failed.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("files"));
        subject.close();
    }

    /** A segment that a reader holds is not given another life. */
    @Test
    void aReaderKeepsItsSegment() throws Exception {
        try (Subject subject = Subject.open(directory, SETTING)) {
            subject.append("g", 1, 1000);
            CountDownLatch reading = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            Future<Entry> reader = threads.submit(() -> {
                Entry[] found = new Entry[1];
                subject.backend.read("g", 1, 1, entry -> {
                    reading.countDown();
                    await(goOn);
                    found[0] = Subject.copy(entry);
                    return true;
                });
                return found[0];
            });
            reading.await();
            for (int i = 0; i < 300; i++) {
                subject.append("g", 1, 2000);
                subject.keep("g", 2);
            }
            goOn.countDown();
            assertThat(reader.get())
                    .isEqualTo(Payloads.run("g", 1, 1, 1, 1000, 1).get(0));
        }
    }

    /** READ-3: an interrupt breaks neither a read nor a save, now or later, and stays set. */
    @Test
    void interruptsBreakNothing() throws Exception {
        try (Subject subject = Subject.open(directory, SETTING)) {
            Thread.currentThread().interrupt();
            for (int i = 0; i < 200; i++) {
                subject.append("g", 1, 2000);
                subject.keep("g", 20);
            }
            subject.checkReads();
            assertThat(Thread.interrupted()).isTrue();
            subject.append("g", 1, 2000);
            subject.checkReads();
        }
        Thread.currentThread().interrupt();
        try (Subject subject = Subject.open(directory, SETTING.crashed(201))) {
            assertThat(Thread.interrupted()).isTrue();
            subject.picture();
        }
    }

    @Test
    void payloadsOfEverySizeComeBack() throws IOException {
        int[] sizes = {0, 1, 7, 8, 4095, 4096, 65_000, 65_536, 262_144 - 16, 262_144, 1_000_000, 5_000_000, 9_000_001};
        try (Subject subject = Subject.open(directory, SETTING)) {
            for (int size : sizes) {
                subject.append("g", 1, size);
                subject.append("small", 2, 30);
            }
            subject.checkReads();
            List<Update> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                all.add(subject.entries("group-" + i, 3, 700_000));
            }
            subject.saveEntries(subject.next(), all);
            subject.checkReads();
        }
        try (Subject subject = Subject.open(directory, SETTING.crashed(2L * sizes.length))) {
            assertThat(subject.read("g", 1, sizes.length))
                    .extracting(Entry::payloadBytes)
                    .containsExactly(java.util.Arrays.stream(sizes).boxed().toArray(Integer[]::new));
            for (Entry entry : subject.read("g", 1, sizes.length)) {
                ByteBuffer payload = entry.payload();
                assertThat(Entry.checksum("g", entry.index(), entry.term(), payload))
                        .isEqualTo(entry.checksum());
            }
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
