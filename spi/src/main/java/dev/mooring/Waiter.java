// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/** Somebody in line until a ticket is durable: a thread, or a future. Used with the queue's lock held. */
final class Waiter {
    enum State {
        WAITING,
        TURN,
        DONE
    }

    final long ticket;
    final @Nullable Condition condition;
    final @Nullable CompletableFuture<Void> future;
    State state = State.WAITING;

    Waiter(long ticket, @Nullable Condition condition, @Nullable CompletableFuture<Void> future) {
        this.ticket = ticket;
        this.condition = condition;
        this.future = future;
    }

    void await() {
        while (state == State.WAITING && condition != null) {
            condition.awaitUninterruptibly();
        }
    }

    void turn() {
        state = State.TURN;
        signal();
    }

    void complete(Callbacks callbacks) {
        state = State.DONE;
        if (future != null) {
            callbacks.run(() -> future.complete(null));
        }
        signal();
    }

    void fail(Callbacks callbacks, Throwable cause) {
        state = State.DONE;
        if (future != null) {
            callbacks.run(() -> future.completeExceptionally(cause));
        }
        signal();
    }

    private void signal() {
        if (condition != null) {
            condition.signal();
        }
    }
}
