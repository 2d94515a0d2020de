// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Runs every verb of another backend on one private thread, for libraries that cannot bear to be called from a thread
 * that is interrupted. Callers wait without being disturbed by an interrupt and find their flag as it was.
 */
public final class ConfinedBackend implements StorageBackend {

    private final PrivateThread thread;
    private final StorageBackend confined;

    private ConfinedBackend(PrivateThread thread, StorageBackend confined) {
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
        PrivateThread thread = new PrivateThread(threadName);
        try {
            return new ConfinedBackend(thread, thread.call(opening));
        } catch (IOException | RuntimeException | Error e) {
            thread.end();
            throw e;
        }
    }

    @Override
    public Loaded load() throws IOException {
        return thread.call(confined::load);
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
            if (thread.isEnded()) {
                return;
            }
            try {
                run(confined::close);
            } finally {
                thread.end();
            }
        }
    }

    private void run(Verb verb) throws IOException {
        thread.call(() -> {
            verb.run();
            return Boolean.TRUE;
        });
    }

    @FunctionalInterface
    private interface Verb {
        void run() throws IOException;
    }
}
