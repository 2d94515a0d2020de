// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.Entry;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** READ: reads give exactly what was asked for, whatever goes on beside them. */
abstract class ReadRules extends Rules {

    private static final int READERS = 3;
    private static final int ENDED_SECONDS = 15;

    ReadRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.READ_1)
    void everyRangeIsReadExactly() throws IOException {
        Twin twin = twin();
        // several saves, overwritten in between, so that neighbours lie apart
        twin.append("g", 7, 1, 40);
        twin.append("h", 5, 1, 40);
        twin.append("g", 7, 1, 3000);
        twin.overwrite("g", 5, 6, 2, 70);
        twin.append("g", 9, 3, 40);
        long last = twin.model().state("g").lastIndex();
        for (long from = 0; from <= last; from++) {
            for (long to = from; to <= last; to++) {
                twin.checkRead("g", from, to);
            }
        }
    }

    @Verifies(Rule.READ_1)
    void aReadStopsWhenTold() throws IOException {
        Twin twin = twin();
        twin.append("g", 30, 1, 500);
        for (int wanted = 1; wanted <= 30; wanted += 4) {
            List<Entry> visited = new ArrayList<>();
            int stopAfter = wanted;
            twin.storage().backend().read("g", 3, 29, entry -> {
                visited.add(BareStorage.copy(entry));
                return visited.size() < stopAfter;
            });
            Check.sameEntries(
                    twin.expected("g", 3, Math.min(29, 2 + wanted)),
                    visited,
                    "a read of 3..29 that was told to stop after " + wanted);
        }
    }

    @Verifies(Rule.READ_1)
    void whatAVisitorThrowsReachesTheCaller() throws IOException {
        Twin twin = twin();
        twin.append("g", 5, 1, 50);
        IOException thrown = new IOException("thrown by the visitor");
        try {
            twin.storage().backend().read("g", 0, 4, entry -> {
                throw thrown;
            });
            throw Check.fail("a read whose visitor threw an IOException returned normally");
        } catch (IOException e) {
            Check.that(e == thrown || e.getCause() == thrown, () -> "the visitor threw " + thrown + ", the read " + e);
        }
        twin.checkReads();
    }

    /** Not on a twin, which would wait for a close that never ends. */
    @Verifies(Rule.READ_2)
    void aReadThatItsVisitorEndsHoldsNothingUp() throws IOException, InterruptedException {
        BareStorage storage = BareStorage.create(plug(), directory().resolve("ended"));
        storage.saveEntries(1, List.of(Twin.updateOf("g", 0, 5, 1, 50)));
        storage.backend().read("g", 0, 4, entry -> false);
        List<IOException> thrown = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            try {
                storage.backend().read("g", 0, 4, entry -> {
                    throw new IOException("thrown by the visitor");
                });
            } catch (IOException e) {
                thrown.add(e);
            }
        }
        Check.equal(3, thrown.size(), "how many of 3 reads threw what their visitor threw");
        Failures failures = new Failures();
        Thread after = failures.start("after-reads", () -> {
            storage.saveEntries(2, List.of(Twin.updateOf("g", 5, 1, 1, 50)));
            storage.drop(3, "g");
            storage.close();
        });
        after.join(TimeUnit.SECONDS.toMillis(ENDED_SECONDS));
        Check.that(
                !after.isAlive(),
                () -> "a save, a drop and a close did not end within " + ENDED_SECONDS
                        + " seconds after reads whose visitors had stopped or thrown");
        failures.join(List.of(after));
    }

    @Verifies(Rule.READ_2)
    void readsAndSavesRunSideBySide() throws IOException, InterruptedException {
        Twin twin = twin();
        twin.append("g", 50, 1, 200);
        Random random = new Random(settings().seed());
        AtomicLong stable = new AtomicLong(49); // entries up to here are never touched again
        List<Thread> readers = new ArrayList<>();
        Failures failures = new Failures();
        AtomicBoolean done = new AtomicBoolean();
        for (int i = 0; i < READERS; i++) {
            long seed = settings().seed() + i;
            readers.add(failures.start("reader-" + i, () -> {
                Random own = new Random(seed);
                while (!done.get()) {
                    long readable = stable.get();
                    long from = own.nextInt((int) readable + 1);
                    readWhole(twin, from, Math.min(readable, from + own.nextInt(40)));
                }
            }));
        }
        for (int round = 0; round < settings().effort().cases(150) && failures.none(); round++) {
            twin.append("g", 1 + random.nextInt(10), 2, random.nextInt(2000));
            long last = twin.model().state("g").lastIndex();
            if (random.nextInt(3) == 0 && last > stable.get() + 3) {
                twin.overwrite("g", stable.get() + 1 + random.nextInt(3), 1, 2, 300);
            }
            stable.set(Math.max(stable.get(), twin.model().state("g").lastIndex() - 5));
        }
        done.set(true);
        failures.join(readers);
    }

    @Verifies(Rule.READ_2)
    void aTruncationOrReleaseUnderAReadGivesNoWrongBytes() throws IOException, InterruptedException {
        Twin twin = twin();
        twin.append("g", 60, 1, 300);
        Failures failures = new Failures();
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong first = new AtomicLong();
        AtomicLong last = new AtomicLong(59);
        int rounds = settings().effort().cases(100);
        AtomicLongArray floor = new AtomicLongArray(60 + 40 * rounds); // the term that each index has had at least
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            long seed = settings().seed() + 17L * i;
            readers.add(failures.start("reader-" + i, () -> {
                Random own = new Random(seed);
                while (!done.get()) {
                    long from = first.get() + own.nextInt(10);
                    readTorn(twin, from, Math.max(from, last.get() - own.nextInt(10)), floor);
                }
            }));
        }
        Random random = new Random(settings().seed());
        for (int round = 1; round <= rounds && failures.none(); round++) {
            long begin = twin.model().state("g").lastIndex() - random.nextInt(20);
            twin.overwrite("g", begin, 20 + random.nextInt(20), 1 + round, random.nextInt(600));
            long end = twin.model().state("g").lastIndex();
            for (long index = begin; index <= end; index++) {
                floor.set((int) index, 1 + round);
            }
            last.set(end);
            if (round % 5 == 0) {
                long release = twin.model().state("g").firstIndex() + random.nextInt(12);
                if (release < last.get() - 40) {
                    twin.snapshot("g", release, termAt(twin, release));
                    twin.releaseLock("g", release);
                    first.set(release + 1);
                }
            }
        }
        done.set(true);
        failures.join(readers);
    }

    @Verifies(Rule.READ_3)
    void anInterruptedReaderBreaksNothing() throws IOException {
        Twin twin = twin();
        twin.append("g", 40, 1, 3000);
        try {
            for (int i = 0; i < 5; i++) {
                Thread.currentThread().interrupt();
                twin.checkRead("g", 0, 39);
            }
        } finally {
            clearInterrupt();
        }
        twin.checkReads();
        twin.append("g", 5, 2, 300);
        twin.checkReads();
    }

    @Verifies(Rule.READ_3)
    void anInterruptedSaverBreaksNothing() throws IOException {
        Twin twin = twin();
        twin.append("g", 10, 1, 300);
        try {
            for (int i = 0; i < 10; i++) {
                Thread.currentThread().interrupt();
                twin.append("g", 3, 1, 9000);
                Thread.currentThread().interrupt();
                twin.state("g", 2 + i, "n" + i, 5);
            }
            Thread.currentThread().interrupt();
            twin.snapshot("g", 7, 1);
            Thread.currentThread().interrupt();
            twin.releaseLock("g", 5);
        } finally {
            clearInterrupt();
        }
        twin.checkReads();
        twin.append("g", 3, 1, 200);
        twin.checkReads();
    }

    @Verifies(value = Rule.READ_3, needs = Claim.PROCESS_CRASH)
    void anInterruptedThreadClosesAndOpens() throws IOException {
        Twin twin = twin();
        twin.append("g", 10, 1, 300);
        try {
            Thread.currentThread().interrupt();
            twin.reopen();
            Thread.currentThread().interrupt();
            twin.append("g", 1, 1, 300);
        } finally {
            clearInterrupt();
        }
        twin.append("g", 1, 1, 300);
        twin.reopen();
    }

    @Verifies(Rule.READ_3)
    void interruptsAtAnyMomentDisturbNobodyElse() throws IOException, InterruptedException {
        Twin twin = twin();
        twin.append("g", 50, 1, 2000);
        Failures failures = new Failures();
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            threads.add(failures.start("reader-" + i, () -> {
                while (!done.get()) {
                    readWhole(twin, 0, 49);
                }
            }));
        }
        for (int round = 0; round < settings().effort().cases(60) && failures.none(); round++) {
            threads.get(round % READERS).interrupt();
            twin.append("g", 1, 1, 500);
        }
        done.set(true);
        failures.join(threads);
        twin.checkReads();
    }

    @Verifies(Rule.READ_4)
    void buffersGivenAreNotKept() throws IOException {
        // the kit overwrites every buffer as soon as the verb has returned
        Twin twin = twin();
        for (int i = 0; i < 20; i++) {
            twin.append("g", 3, 1, 100 + 37 * i);
            twin.attach("g", Payloads.bytes(i, 64));
            twin.checkReads();
        }
    }

    @Verifies(Rule.READ_4)
    void readersDoNotShareABuffer() throws IOException, InterruptedException {
        Twin twin = twin();
        twin.append("g", 100, 1, 1000);
        Failures failures = new Failures();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            long from = 10L * i;
            readers.add(failures.start("reader-" + i, () -> {
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5); // of a slow backend
                for (int round = 0; round < 100 && System.nanoTime() - deadline < 0; round++) {
                    readWhole(twin, from, from + 60);
                }
            }));
        }
        failures.join(readers);
    }

    /** Reads entries that nobody touches: all of them must be there and unchanged for as long as the visitor looks. */
    private static void readWhole(Twin twin, long from, long to) throws IOException {
        long[] next = {from};
        twin.storage().backend().read("g", from, to, entry -> {
            Check.equal(next[0]++, entry.index(), "the next index visited by a read of " + from + ".." + to);
            intact(entry);
            intact(entry);
            return true;
        });
        Check.equal(to + 1, next[0], "the index at which a read of " + from + ".." + to + " ended");
    }

    /**
     * Reads entries that may go away meanwhile: what is visited must be consecutive and whole, and none that was
     * overwritten before the read began.
     */
    private void readTorn(Twin twin, long from, long to, AtomicLongArray floor) throws IOException {
        long[] next = {from};
        long[] terms = new long[(int) (to - from + 1)];
        for (int i = 0; i < terms.length; i++) {
            terms[i] = floor.get((int) from + i);
        }
        try {
            twin.storage().backend().read("g", from, to, entry -> {
                Check.equal(next[0]++, entry.index(), "the next index visited by a read of " + from + ".." + to);
                long least = terms[(int) (entry.index() - from)];
                Check.that(
                        entry.term() >= least,
                        () -> "a read gave " + Picture.describe(entry) + ", which had been overwritten by one of term "
                                + least + " before the read began");
                intact(entry);
                return true;
            });
        } catch (StorageException.Compacted gone) {
            heard(gone);
        }
    }

    static void intact(Entry entry) {
        Check.that(
                entry.checksum() == Entry.checksum("g", entry.index(), entry.term(), entry.payload()),
                () -> "a read gave wrong bytes: " + Picture.describe(entry));
    }

    private static long termAt(Twin twin, long index) {
        Entry entry = twin.model().entry("g", index);
        return entry == null ? -1 : entry.term();
    }

    private static void clearInterrupt() {
        boolean ignored = Thread.interrupted();
    }
}
