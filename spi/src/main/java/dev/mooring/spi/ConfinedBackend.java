// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Runs every verb of another backend on one private thread, for libraries that cannot bear to be called from a thread
 * that is interrupted. Callers wait without being disturbed by an interrupt and find their flag as it was.
 */
public final class ConfinedBackend implements StorageBackend {

    private final ExecutorService thread;
    private final StorageBackend confined;

    private ConfinedBackend(ExecutorService thread, StorageBackend confined) {
        this.thread = thread;
        this.confined = confined;
    }

    /**
     * Opens a backend on the private thread that will run its verbs.
     *
     * @param threadName name of that thread, for thread dumps
     * @param opening opens the backend to confine
     * @return the backend, confined
     * @throws IOException as the opening threw it
     */
    public static ConfinedBackend open(String threadName, Callable<StorageBackend> opening) throws IOException {
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread created = new Thread(task, threadName);
            created.setDaemon(true);
            return created;
        });
        try {
            return new ConfinedBackend(thread, call(thread, opening));
        } catch (IOException | RuntimeException | Error e) {
            thread.shutdown();
            throw e;
        }
    }

    @Override
    public Loaded load() throws IOException {
        return call(thread, confined::load);
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        run(() -> confined.saveEntries(sequence, updates));
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        run(() -> confined.saveSnapshot(sequence, update, snapshot));
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        run(() -> confined.releaseLock(group, index));
    }

    /** As {@link StorageBackend#read}; the visitor is called on the private thread. */
    @Override
    public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
        run(() -> confined.read(group, first, last, visitor));
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        run(() -> confined.drop(sequence, group));
    }

    @Override
    public void close() throws IOException {
        synchronized (thread) {
            if (thread.isShutdown()) {
                return;
            }
            try {
                run(confined::close);
            } finally {
                thread.shutdown();
                awaitEnd();
            }
        }
    }

    private void awaitEnd() {
        boolean interrupted = false;
        while (!thread.isTerminated()) {
            try {
                if (thread.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Verb verb) throws IOException {
        call(thread, () -> {
            verb.run();
            return Boolean.TRUE;
        });
    }

    private static <T> T call(ExecutorService thread, Callable<T> task) throws IOException {
        Future<T> result;
        try {
            result = thread.submit(task);
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
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
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

    @FunctionalInterface
    private interface Verb {
        void run() throws IOException;
    }
}
