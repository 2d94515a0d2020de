// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.util.List;

/** Hands every verb on. */
class Wrapper implements StorageBackend {

    private final StorageBackend wrapped;

    Wrapper(StorageBackend wrapped) {
        this.wrapped = wrapped;
    }

    @Override
    public Loaded load() throws IOException {
        return wrapped.load();
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        wrapped.saveEntries(sequence, updates);
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        wrapped.saveSnapshot(sequence, update, snapshot);
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        wrapped.releaseLock(group, index);
    }

    @Override
    public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
        wrapped.read(group, first, last, visitor);
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        wrapped.drop(sequence, group);
    }

    @Override
    public void close() throws IOException {
        wrapped.close();
    }
}
