// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.TermAndVote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Threads that save an entry at a time, each into a group of its own, and release all but the newest. */
final class Callers implements AutoCloseable {

    private static final int KEPT_ENTRIES = 1000;

    private final List<RaftGroup> groups = new ArrayList<>();
    private final ExecutorService threads;

    /** @param name the groups' names begin with it */
    Callers(RaftStorage storage, String name, int callers) throws IOException {
        for (int i = 0; i < callers; i++) {
            RaftGroup group = storage.group(name + "-" + i);
            group.saveEntries(new TermAndVote(1, null), List.of());
            groups.add(group);
        }
        this.threads = Executors.newFixedThreadPool(callers);
    }

    /** So many saves of each of them at once; how long each took. */
    Latencies save(int times, int payloadBytes) throws InterruptedException, ExecutionException {
        long began = System.nanoTime();
        List<Future<long[]>> running = new ArrayList<>();
        for (RaftGroup group : groups) {
            running.add(threads.submit(() -> save(group, times, payloadBytes)));
        }
        Latencies all = new Latencies();
        for (Future<long[]> one : running) {
            all.tookNanos(one.get());
        }
        all.wallNanos(System.nanoTime() - began);
        return all;
    }

    private static long[] save(RaftGroup group, int times, int payloadBytes) throws IOException {
        long[] tookNanos = new long[times];
        for (int i = 0; i < times; i++) {
            long index = group.lastIndex() + 1;
            List<LogEntry> entry = List.of(LogEntry.of(index, 1, new byte[payloadBytes]));
            long began = System.nanoTime();
            group.saveEntries(null, entry);
            tookNanos[i] = System.nanoTime() - began;
            if (index % KEPT_ENTRIES == 0 && index > KEPT_ENTRIES) { // not timed, but on the same queue
                group.recordSnapshot(index - KEPT_ENTRIES, 1);
                group.releaseLock(index - KEPT_ENTRIES);
            }
        }
        return tookNanos;
    }

    /** Returns once none of them saves any more. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("A caller saves still");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
