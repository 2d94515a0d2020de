// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Threads of a check, and the first thing that one of them threw. */
final class Failures {

    private static final long PATIENCE_SECONDS = 60;

    private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

    /** What a thread does. */
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    Thread start(String name, Body body) {
        Thread thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } catch (Throwable e) {
                        first.compareAndSet(null, e);
                    }
                },
                "mooring-tck-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    boolean none() {
        return first.get() == null;
    }

    /** Waits for the threads to end and throws on what the first of them threw. */
    void join(List<Thread> threads) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        for (Thread thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            Check.that(
                    !thread.isAlive(), () -> thread.getName() + " did not end within " + PATIENCE_SECONDS + " seconds");
        }
        Throwable thrown = first.get();
        if (thrown instanceof Error error) {
            throw error;
        } else if (thrown != null) {
            throw new AssertionError("a thread beside the check threw " + thrown, thrown);
        }
    }
}
