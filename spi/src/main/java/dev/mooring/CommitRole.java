// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who may call the backend's changing verbs: one party at a time has the <em>role</em>, and whoever waits stands in line.
 *
 * <p>A blocking caller who finds the role free takes it; when it is done it passes it on: to the next in line if that one
 * blocks, too, else to the storage's own thread. The next holder is named under the lock, so that there is never a moment
 * in which work waits and nobody is on the way. A caller who is alone pays for no hand-over at all.
 *
 * <p>All methods but {@link #end} are called with the queue's lock held.
 */
final class CommitRole {

    /** A ticket that no change has. */
    private static final long FOR_THE_ROLE = Long.MAX_VALUE;

    private final ReentrantLock lock;
    private final Callbacks callbacks;
    private final Runnable duty;
    private final Condition writerCalled;
    private final ArrayDeque<Waiter> line = new ArrayDeque<>();

    private final Thread writer;

    private boolean started;
    private boolean taken;
    private @Nullable Thread holder;
    private boolean writerHasRole;
    private boolean ended;

    /**
     * Makes the role, which nobody has yet.
     *
     * @param duty is what the storage's own thread does with it; locked, and it ends with {@link #passOn}
     */
    CommitRole(ReentrantLock lock, Callbacks callbacks, String threadName, Runnable duty) {
        this.lock = lock;
        this.callbacks = callbacks;
        this.duty = duty;
        this.writerCalled = lock.newCondition();
        this.writer = new Thread(this::work, threadName);
        writer.setDaemon(true);
    }

    /**
     * Sees to the storage's own thread. Before anything is accepted that needs it, so that a system without another one
     * says so in time.
     */
    void start() {
        if (!started && !ended) {
            writer.start();
            started = true;
        }
    }

    /** Whether this thread has the role, and would wait for itself if it waited for anything. */
    boolean isHeldByThisThread() {
        return holder == Thread.currentThread();
    }

    /** Takes the role if it is free. */
    boolean tryTake() {
        if (taken) {
            return false;
        }
        taken = true;
        holder = Thread.currentThread();
        return true;
    }

    /** Lets go of the lock until it is this caller's turn, which gives it the role, or the caller has been told: false. */
    boolean await(long ticket) {
        Waiter waiter = new Waiter(ticket, lock.newCondition(), null);
        line.add(waiter);
        waiter.await();
        if (waiter.state != Waiter.State.TURN) {
            return false;
        }
        holder = Thread.currentThread();
        return true;
    }

    /** Takes the role, however long that lasts; false if it is gone for good. */
    boolean take() {
        // once more each time the storage fails meanwhile, which sends everybody in line away: the role is still
        // needed,
        // to close for instance
        while (!ended) {
            if (tryTake() || await(FOR_THE_ROLE)) {
                return true;
            }
        }
        return false;
    }

    /** A future in line that is completed once the ticket is durable. Only once the storage's own thread is started. */
    CompletableFuture<Void> enter(long ticket) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        line.add(new Waiter(ticket, null, future));
        callWriter();
        return future;
    }

    boolean isLineEmpty() {
        return line.isEmpty();
    }

    /** Whether somebody in line waits for a change, and not for the role itself: to close, for instance. */
    boolean isChangeAwaited() {
        return line.stream().anyMatch(waiter -> waiter.ticket != FOR_THE_ROLE);
    }

    /** Has the role, and gives it to whoever is next. False if that is nobody: the role is free. */
    boolean passOn(boolean toThread) {
        Waiter next = line.peek();
        holder = null;
        if (toThread || (next != null && next.future != null)) {
            handToWriter();
        } else if (next == null) {
            taken = false;
            return false;
        } else {
            line.remove();
            next.turn();
        }
        return true;
    }

    /** Gives the role to the storage's own thread, which is started, if it is free. */
    void callWriter() {
        if (tryTake()) {
            handToWriter();
        }
    }

    /** Tells everybody in line whose ticket is durable. Returns how many. */
    int tell(long durableTicket) {
        int told = 0;
        for (Iterator<Waiter> waiters = line.iterator(); waiters.hasNext(); ) {
            Waiter waiter = waiters.next();
            if (waiter.ticket <= durableTicket) {
                waiters.remove();
                waiter.complete(callbacks);
                told++;
            }
        }
        return told;
    }

    /** Sends everybody in line away. */
    void fail(Throwable cause) {
        for (Waiter waiter : line) {
            waiter.fail(callbacks, cause);
        }
        line.clear();
    }

    /** Has the role: nobody gets it any more, and the storage's own thread ends. Not locked. */
    void end(Throwable cause) {
        lock.lock();
        try {
            ended = true;
            holder = null;
            fail(cause);
            writerCalled.signalAll();
        } finally {
            lock.unlock();
        }
        if (writer != Thread.currentThread()) {
            Threads.joinUninterruptibly(writer);
        }
    }

    private void handToWriter() {
        holder = null;
        writerHasRole = true;
        writerCalled.signal();
    }

    private void work() {
        lock.lock();
        try {
            while (true) {
                while (!writerHasRole && !ended) {
                    writerCalled.awaitUninterruptibly();
                }
                if (!writerHasRole) {
                    return;
                }
                writerHasRole = false;
                holder = writer;
                duty.run();
            }
        } finally {
            lock.unlock();
        }
    }
}
