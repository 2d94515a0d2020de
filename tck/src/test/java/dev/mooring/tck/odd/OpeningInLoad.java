// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** {@link Oddity#OPENS_IN_LOAD}. */
final class OpeningInLoad implements StorageBackend {

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final BackendContext context;
    private final Opening opening;
    private volatile @Nullable StorageBackend opened;

    OpeningInLoad(BackendContext context, Opening opening) {
        this.context = context;
        this.opening = opening;
    }

    @Override
    public Loaded load() throws IOException {
        LockSupport.parkNanos(PAUSE_NANOS);
        StorageBackend backend = opening.open(context);
        opened = backend;
        return backend.load();
    }

    private StorageBackend opened() {
        return Objects.requireNonNull(opened, "load comes first");
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        opened().saveEntries(sequence, updates);
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        opened().saveSnapshot(sequence, update, snapshot);
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        opened().releaseLock(group, index);
    }

    @Override
    public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
        opened().read(group, first, last, visitor);
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        opened().drop(sequence, group);
    }

    @Override
    public void close() throws IOException {
        StorageBackend backend = opened;
        if (backend != null) {
            backend.close();
        }
    }
}
