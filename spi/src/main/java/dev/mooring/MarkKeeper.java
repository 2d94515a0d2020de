// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.directory.DataDirectory;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the mark of what was acknowledged, off the commit path: at most a second behind, on a thread that starts with the
 * first change (rule DAMAGE-2).
 */
final class MarkKeeper implements CommitQueue.Changes {

    private static final long DELAY_MILLIS = 500;

    private final DataDirectory directory;
    private final boolean keepsMark;
    private final String threadName;
    private @Nullable Consumer<Throwable> onFailure;
    private @Nullable Thread thread;
    private long durable;
    private long marked;
    private boolean stopped;

    MarkKeeper(DataDirectory directory, boolean keepsMark, String threadName) {
        this.directory = directory;
        this.keepsMark = keepsMark;
        this.threadName = threadName;
    }

    /** A mark that can not be written is a failed write like any other. */
    synchronized void onFailure(Consumer<Throwable> poison) {
        this.onFailure = poison;
    }

    @Override
    public void begin() throws IOException {
        if (keepsMark) {
            directory.beginChanges();
        }
    }

    @Override
    public synchronized void done(long sequence) {
        if (!keepsMark) {
            return;
        }
        durable = sequence;
        if (thread == null && !stopped) {
            thread = new Thread(this::work, threadName);
            thread.setDaemon(true);
            thread.start();
        } else if (marked + 1 == sequence) {
            notifyAll(); // it sleeps for want of work
        }
    }

    /** Ends the thread; it writes nothing more. */
    void stop() {
        Thread ending;
        synchronized (this) {
            stopped = true;
            ending = thread;
            notifyAll();
        }
        if (ending != null) {
            Threads.joinUninterruptibly(ending);
        }
    }

    private void work() {
        while (true) {
            long sequence = next();
            if (sequence < 0) {
                return;
            }
            try {
                directory.mark(sequence);
            } catch (IOException | RuntimeException | Error e) {
                fail(e);
                return;
            }
            synchronized (this) {
                marked = sequence;
            }
        }
    }

    /** The sequence to mark, once there is one and it has waited for company; -1 at the end. */
    private synchronized long next() {
        try {
            while (durable == marked && !stopped) {
                wait();
            }
            long deadline = System.nanoTime() + DELAY_MILLIS * 1_000_000;
            for (long left = DELAY_MILLIS; left > 0 && !stopped; left = (deadline - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            // nobody has a handle on this thread but a debugger; the mark falls behind, which costs protection, not
            // data
            stopped = true;
        }
        return stopped ? -1 : durable;
    }

    private void fail(Throwable cause) {
        Consumer<Throwable> told;
        synchronized (this) {
            told = onFailure;
        }
        if (told != null) {
            told.accept(cause);
        }
    }
}
