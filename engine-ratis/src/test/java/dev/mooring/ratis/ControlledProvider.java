// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageProvider;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;

/** A real backend whose saves a test can hold back or fail, in one place or in all that this provider has opened. */
final class ControlledProvider implements StorageProvider {

    private final StorageProvider real;
    private volatile Semaphore gate;
    private volatile Semaphore closeGate;
    private volatile IOException failure;
    private volatile boolean readsFail;
    private volatile String failing = ""; // part of the paths of those that fail

    ControlledProvider(StorageProvider real) {
        this.real = real;
    }

    /** From now on a save waits for a permit. */
    Semaphore hold() {
        Semaphore held = new Semaphore(0);
        gate = held;
        return held;
    }

    /** From now on a backend is not closed before there is a permit; whoever closes it waits in the queue of this. */
    Semaphore holdClose() {
        Semaphore held = new Semaphore(0);
        closeGate = held;
        return held;
    }

    void letGo() {
        letGo(gate);
        gate = null;
        letGo(closeGate);
        closeGate = null;
    }

    private static void letGo(Semaphore held) {
        if (held != null) {
            held.release(Integer.MAX_VALUE / 2);
        }
    }

    /** From now on a save fails, as on a full or broken disk. */
    void fail(IOException with) {
        failure = with;
    }

    /** From now on a save of the storages whose path contains this fails. */
    void failIn(String part, IOException with) {
        failing = part;
        failure = with;
    }

    /** From now on a read fails too. */
    void failReads(IOException with) {
        failure = with;
        readsFail = true;
    }

    /** From now on everything works again, in backends that are opened then. */
    void mend() {
        failure = null;
        readsFail = false;
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public List<Option> options() {
        return real.options();
    }

    @Override
    public Guarantees guarantees(Options options) {
        return real.guarantees(options);
    }

    @Override
    public StorageBackend open(BackendContext context) throws IOException {
        return new Controlled(context.directory().toString(), real.open(context));
    }

    private final class Controlled implements StorageBackend {
        private final String path;
        private final StorageBackend backend;

        private Controlled(String path, StorageBackend backend) {
            this.path = path;
            this.backend = backend;
        }

        @Override
        public Loaded load() throws IOException {
            return backend.load();
        }

        @Override
        public void saveEntries(long sequence, List<Update> updates) throws IOException {
            begin();
            backend.saveEntries(sequence, updates);
        }

        @Override
        public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
            begin();
            backend.saveSnapshot(sequence, update, snapshot);
        }

        @Override
        public void releaseLock(String group, long index) throws IOException {
            backend.releaseLock(group, index);
        }

        @Override
        public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
            IOException broken = failure;
            if (readsFail && broken != null) {
                throw new IOException(broken);
            }
            backend.read(group, first, last, visitor);
        }

        @Override
        public void drop(long sequence, String group) throws IOException {
            begin();
            backend.drop(sequence, group);
        }

        @Override
        public void close() throws IOException {
            await(closeGate);
            backend.close();
        }

        private void await(Semaphore held) {
            if (held != null) {
                held.acquireUninterruptibly();
            }
        }

        private void begin() throws IOException {
            await(gate);
            IOException broken = failure;
            if (broken != null && path.contains(failing)) {
                throw new IOException(broken.getMessage(), broken);
            }
        }
    }
}
