// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Runs what callers hang on to their futures, in order, on a thread of its own that never writes and holds no lock. The
 * thread begins when it is first needed, and ends when {@link #close} has been called and nothing is left.
 */
final class Callbacks {

    private static final System.Logger LOG = System.getLogger(Callbacks.class.getName());

    private final Thread thread;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean started;
    private boolean closed;

    Callbacks(String threadName) {
        thread = new Thread(this::work, threadName);
        thread.setDaemon(true);
    }

    /** Sees to the thread. Before anything is accepted that needs it, so that a system without another one says so in time. */
    synchronized void start() {
        if (!started && !closed) {
            thread.start();
            started = true;
        }
    }

    /** Only once it is started. */
    synchronized void run(Runnable callback) {
        waiting.add(callback);
        notifyAll();
    }

    /** Whether a callback is asking. */
    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Lets what is queued finish and waits for the thread's end, unless it is this very thread that asks. */
    void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        if (thread != Thread.currentThread()) {
            Threads.joinUninterruptibly(thread);
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
