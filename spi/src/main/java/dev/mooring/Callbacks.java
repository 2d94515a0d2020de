// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Runs what callers hang on to their futures, in order, on a thread of its own that never writes and holds no lock. The
 * thread starts with the first callback and ends when {@link #close} has been called and nothing is left.
 */
final class Callbacks {

    private static final System.Logger LOG = System.getLogger(Callbacks.class.getName());

    private final String threadName;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private @Nullable Thread thread;
    private boolean closed;

    Callbacks(String threadName) {
        this.threadName = threadName;
    }

    synchronized void run(Runnable callback) {
        waiting.add(callback);
        if (thread == null) {
            thread = new Thread(this::work, threadName);
            thread.setDaemon(true);
            thread.start();
        }
        notifyAll();
    }

    /** Whether a callback is asking. */
    synchronized boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Lets what is queued finish and waits for the thread's end, unless it is this very thread that asks. */
    void close() {
        Thread ending;
        synchronized (this) {
            closed = true;
            ending = thread;
            notifyAll();
        }
        if (ending != null && ending != Thread.currentThread()) {
            Threads.joinUninterruptibly(ending);
        }
    }

    private void work() {
        while (true) {
            Runnable callback = next();
            if (callback == null) {
                return;
            }
            try {
                callback.run();
            } catch (RuntimeException | Error e) {
                // a callback of the caller's own; the next ones must still be told
                LOG.log(System.Logger.Level.WARNING, "A callback on a future of the storage failed", e);
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        while (waiting.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                // a callback interrupted its own thread; nobody else can, and the next callback does not inherit it
            }
        }
        return waiting.poll();
    }
}
