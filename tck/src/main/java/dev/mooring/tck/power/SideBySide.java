// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Tasks that have nothing to do with each other, on as many threads as there are processors, up to four. */
public final class SideBySide {

    private static final int THREADS = Math.min(4, Runtime.getRuntime().availableProcessors());
    private static final long PATIENCE_SECONDS = 60;

    private SideBySide() {}

    /** One of them. */
    @FunctionalInterface
    public interface Task {
        /** Runs it; what it throws ends all. */
        void run() throws Exception;
    }

    /** Runs all of them and returns when they have ended; throws what the first of the list that fails has thrown. */
    public static void run(List<? extends Task> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, SideBySide::thread);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Task task : tasks) {
                running.add(threads.submit(() -> {
                    task.run();
                    return null;
                }));
            }
            for (Future<?> each : running) {
                await(each);
            }
        } finally {
            threads.shutdownNow();
            // so that the next check does not meet what is still on its way
            threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "mooring-tck-side-by-side");
        thread.setDaemon(true);
        return thread;
    }

    private static void await(Future<?> running) throws Exception {
        try {
            running.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception thrown) {
                throw thrown;
            }
            if (e.getCause() instanceof Error thrown) {
                throw thrown;
            }
            throw e;
        }
    }
}
