// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedSet;

/** What a directory turns out to be, found by looking only: nothing is opened for writing, created or removed. */
enum Condition {
    /** Empty but for lock files: a place for a new storage. */
    EMPTY,
    /** A first initialisation was cut short, or is under way: nothing was acknowledged. */
    BEGUN,
    /** A storage. */
    STORAGE;

    /**
     * Looks.
     *
     * @throws StorageException.Corrupted if part of a storage is there without its identity
     * @throws StorageException.Refused if files are there that are none of ours
     */
    static Condition of(Layout layout) throws IOException {
        // in this order an initialisation under way elsewhere, which goes the other way round, is never misread: once
        // one of the first three is seen, one of the next two is there until the end
        Path orphan = null;
        for (Path part : new Path[] {layout.data(), layout.mark(), layout.snapshots()}) {
            orphan = orphan == null && StableFile.exists(part) ? part : orphan;
        }
        boolean begun = StableFile.exists(layout.beginning());
        if (StableFile.exists(layout.identity())) {
            return STORAGE;
        }
        if (begun) {
            return BEGUN;
        }
        if (orphan != null && (!StableFile.exists(orphan) || StableFile.exists(layout.beginning()))) {
            return of(layout); // meanwhile somebody threw away what an initialisation had left
        }
        if (orphan != null) {
            throw new StorageException.Corrupted(
                    layout.root() + " has " + orphan.getFileName() + " but no IDENTITY, which"
                            + " is written before anything is acknowledged and never removed. Nothing was changed. "
                            + Damage.REMEDY);
        }
        refuseForeign(layout);
        return EMPTY;
    }

    private static void refuseForeign(Layout layout) throws IOException {
        SortedSet<String> foreign = Entries.names(
                layout.root(), entry -> Layout.isForeign(entry.getFileName().toString()));
        if (!foreign.isEmpty()) {
            throw new StorageException.Refused(layout.root() + " is no storage and is not empty: it has "
                    + String.join(", ", foreign) + ". Nothing was changed. Set mooring.directory to the storage, or for"
                    + " a new one to a directory that is empty or not there yet");
        }
    }
}
