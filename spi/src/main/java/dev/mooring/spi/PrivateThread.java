// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** One thread, which nobody interrupts, for calls of others. Whoever calls waits, and keeps an interrupt for afterwards. */
final class PrivateThread {

    private final ExecutorService executor;
    private volatile @Nullable Thread thread; // from the first call on

    PrivateThread(String name) {
        executor = Executors.newSingleThreadExecutor(task -> {
            Thread created = new Thread(task, name);
            created.setDaemon(true);
            thread = created;
            return created;
        });
    }

    boolean isEnded() {
        return executor.isShutdown();
    }

    <T> T call(Callable<T> task) throws IOException {
        Future<T> result;
        try {
            result = executor.submit(task);
        } catch (RejectedExecutionException e) {
            throw new StorageException.Failed("The backend is closed; open the storage again", e);
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unwrapped(e);
                }
            }
        } finally {
            restore(interrupted);
        }
    }

    /** Returns when the thread is gone: an executor says so a moment too early. */
    void end() {
        executor.shutdown();
        Thread ending = thread;
        boolean interrupted = false;
        while (ending != null && ending.isAlive()) {
            try {
                ending.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        restore(interrupted);
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static IOException unwrapped(ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof IOException io ? io : new IOException(cause);
    }
}
