// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.snapshot.SnapshotFiles;
import dev.mooring.spi.Repair;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which snapshot of a group counts after opening: the newest, read in full, or an older one if that is damaged and no entry
 * is missing between the two.
 *
 * @param retained our own that are kept and may be read, newest first
 * @param kept all that must stay on disk, the damaged one included: it is evidence
 */
record SnapshotChoice(List<SnapshotPointer> retained, List<SnapshotPointer> kept) {

    /** Chooses, and lets the log go on from an older snapshot where it has to. */
    static SnapshotChoice choose(
            GroupLog log, SnapshotFiles files, Path directory, int retain, Consumer<Repair> repairs)
            throws IOException {
        SnapshotPointer newest = log.snapshot;
        if (newest == null || newest.external()) {
            return new SnapshotChoice(List.of(), List.of());
        }
        List<SnapshotPointer> candidates = new ArrayList<>();
        for (SnapshotPointer published : files.published(log.name)) {
            // what is newer than the pointer was published by a save that never came to its end
            if (published.index() < newest.index()) {
                candidates.add(published);
            }
        }
        try {
            files.verify(log.name, newest);
        } catch (StorageException.Corrupted damage) {
            return fallBack(log, files, directory, candidates, retain, damage, repairs);
        }
        candidates.add(0, newest);
        List<SnapshotPointer> retained = retained(log.name, files, candidates, retain);
        return new SnapshotChoice(retained, retained);
    }

    /**
     * The newest, and older ones to fall back on. Where there are more than are retained, one of them may be the evidence of an
     * earlier damage, which must not take the place of a whole one.
     */
    private static List<SnapshotPointer> retained(
            String group, SnapshotFiles files, List<SnapshotPointer> newestFirst, int retain) throws IOException {
        if (newestFirst.size() <= retain) {
            return List.copyOf(newestFirst);
        }
        List<SnapshotPointer> retained = new ArrayList<>();
        for (SnapshotPointer pointer : newestFirst) {
            if (retained.size() < retain && (retained.isEmpty() || isWhole(group, files, pointer))) {
                retained.add(pointer);
            }
        }
        return List.copyOf(retained);
    }

    private static SnapshotChoice fallBack(
            GroupLog log,
            SnapshotFiles files,
            Path directory,
            List<SnapshotPointer> candidates,
            int retain,
            StorageException.Corrupted damage,
            Consumer<Repair> repairs)
            throws IOException {
        SnapshotPointer newest = log.snapshot;
        for (int i = 0; newest != null && i < candidates.size(); i++) {
            SnapshotPointer older = candidates.get(i);
            if (!bridges(log, older, newest) || !isWhole(log.name, files, older)) {
                continue;
            }
            log.snapshot = older;
            repairs.accept(new Repair(
                    directory,
                    0,
                    "group '" + log.name + "': the newest snapshot, at " + newest.index()
                            + ", is damaged; the one at " + older.index() + " is used instead, and the log holds every"
                            + " entry after it. Save a new snapshot soon. The damage: "
                            + SnapshotFiles.withoutRemedy(damage)));
            List<SnapshotPointer> retained =
                    candidates.stream().skip(i).limit(retain).toList();
            List<SnapshotPointer> kept = new ArrayList<>(candidates.subList(0, i));
            kept.addAll(retained);
            kept.add(newest);
            return new SnapshotChoice(retained, kept);
        }
        throw new StorageException.Corrupted(
                "Group '" + log.name
                        + "': its newest snapshot is damaged, and no older one is whole with every entry after"
                        + " it still in the log: " + damage.getMessage(),
                damage);
    }

    /** Whether the log holds all entries after the older snapshot, up to the newer one at least. */
    private static boolean bridges(GroupLog log, SnapshotPointer older, SnapshotPointer newest) {
        if (log.firstIndex > older.index() + 1 || log.lastIndex < newest.index()) {
            return false;
        }
        long held = log.term(older.index());
        return held == RaftStorage.UNKNOWN_TERM || held == older.term();
    }

    private static boolean isWhole(String group, SnapshotFiles files, SnapshotPointer pointer) throws IOException {
        try {
            files.verify(group, pointer);
            return true;
        } catch (StorageException.Corrupted e) {
            return false;
        }
    }
}
