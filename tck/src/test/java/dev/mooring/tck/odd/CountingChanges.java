// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.util.List;

/** {@link Oddity#COUNTS_ITS_CHANGES}. */
final class CountingChanges extends Wrapper {

    private long sequence;

    CountingChanges(StorageBackend wrapped) {
        super(wrapped);
    }

    @Override
    public Loaded load() throws IOException {
        Loaded loaded = super.load();
        sequence = loaded.sequence();
        return loaded;
    }

    @Override
    public void saveEntries(long unused, List<Update> updates) throws IOException {
        super.saveEntries(++sequence, updates);
    }

    @Override
    public void saveSnapshot(long unused, Update update, SnapshotPointer snapshot) throws IOException {
        super.saveSnapshot(++sequence, update, snapshot);
    }

    @Override
    public void drop(long unused, String group) throws IOException {
        super.drop(++sequence, group);
    }
}
