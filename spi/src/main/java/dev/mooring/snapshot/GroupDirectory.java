// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The directory of one group, and what its directories are called at the moment. Safe for use by any thread. */
final class GroupDirectory {

    // Every rename happens under this object's lock, and so does every opening of a file for a reader, so that a path
    // is
    // right while it is used. Contents are deleted outside of it.

    private static final Comparator<SnapshotPointer> NEWEST_FIRST = Comparator.comparingLong(SnapshotPointer::index)
            .thenComparingLong(SnapshotPointer::term)
            .thenComparingLong(SnapshotPointer::id)
            .reversed();

    private final Path root;
    private final Path path;
    private final String group;
    private final Deletion deletion;
    private final AtomicLong numbers;
    private final Map<SnapshotPointer, Reading> published = new HashMap<>(); // what is read under its published name
    private final Set<Reading> readings = new HashSet<>(); // all that is read, removed and dropped ones too

    private boolean entryForced; // the group's own entry in its parent is durable
    private boolean isDropped; // then this is of no more use: a later group of the name has an object of its own

    GroupDirectory(Path root, String group, AtomicLong numbers, Deletion deletion) {
        this.root = root;
        this.path = root.resolve(GroupName.encode(group));
        this.group = group;
        this.numbers = numbers;
        this.deletion = deletion;
    }

    String group() {
        return group;
    }

    /** A new directory to stage in; null once the group was dropped. */
    synchronized @Nullable Path stage() throws IOException {
        if (isDropped) {
            return null;
        }
        boolean whole = false;
        try {
            create();
            Path staging;
            do { // one of that name may be left from an earlier process that died
                staging = path.resolve(DirectoryNames.staging(numbers.incrementAndGet()));
            } while (StableFile.exists(staging));
            Files.createDirectory(staging);
            whole = true;
            return staging;
        } finally {
            if (!whole) {
                removeIfEmpty();
            }
        }
    }

    private void create() throws IOException {
        if (entryForced && Files.isDirectory(path)) {
            return;
        }
        StableFile.createDirectories(path);
        entryForced = true;
    }

    /** Gives a sealed snapshot its published name, durably. */
    synchronized void publish(Path staging, SnapshotPointer pointer) throws IOException {
        checkPublishable(pointer);
        StableFile.rename(staging, path.resolve(DirectoryNames.published(pointer)));
    }

    /** Refuses what was staged for a group that was dropped, and a name that was given before. */
    synchronized void checkPublishable(SnapshotPointer pointer) {
        Path target = path.resolve(DirectoryNames.published(pointer));
        if (isDropped) {
            throw new IllegalStateException("Group '" + group + "' was dropped while snapshot "
                    + DirectoryNames.published(pointer) + " was written; nothing was published");
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new IllegalStateException(
                    target + " exists already, so id " + pointer.id() + " was used before; nothing was published");
        }
    }

    /** Tells of a file that was given up and could not be closed. */
    void notClosed(String name, IOException cause) {
        deletion.failed(path.resolve(name), cause);
    }

    /** Deletes what was staged, and the group's directory if nothing else is in it. */
    void discard(Path staging) {
        deletion.tree(staging);
        removeIfEmpty();
    }

    private synchronized void removeIfEmpty() {
        try {
            if (!isDropped
                    && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                    && Deletion.list(path).isEmpty()) {
                entryForced = false;
                Files.delete(path);
            }
        } catch (IOException e) {
            deletion.failed(path, e);
        }
    }

    /** What has a published name, by index, then term, then id, newest first. */
    synchronized List<SnapshotPointer> published() throws IOException {
        List<SnapshotPointer> found = new ArrayList<>();
        for (Path child : children()) {
            SnapshotPointer pointer = DirectoryNames.pointer(Deletion.name(child));
            if (pointer != null) {
                found.add(pointer);
            }
        }
        found.sort(NEWEST_FIRST);
        return found;
    }

    private List<Path> children() throws IOException {
        try {
            return Deletion.list(path);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Begins reading a published snapshot; its files stay until {@link #endReading}. */
    synchronized Reading beginReading(SnapshotPointer pointer) {
        Reading reading = published.computeIfAbsent(
                pointer, ignored -> new Reading(path.resolve(DirectoryNames.published(pointer))));
        reading.readers++;
        readings.add(reading);
        return reading;
    }

    /** What is in a snapshot that is being read: names and lengths; -1 for what is not a file. */
    synchronized Map<String, Long> contents(Reading reading, Damage damage) throws IOException {
        Map<String, Long> contents = new HashMap<>();
        try {
            for (Path child : Deletion.list(reading.path)) {
                BasicFileAttributes attributes =
                        Files.readAttributes(child, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                contents.put(Deletion.name(child), attributes.isRegularFile() ? attributes.size() : -1);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw damage.in(reading.path, "is missing or not a directory");
        }
        return contents;
    }

    /** Opens a file of a snapshot that is being read. */
    synchronized StableFile openFile(Reading reading, String name, Damage damage) throws IOException {
        Path file = reading.path.resolve(name);
        try {
            if (Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isRegularFile()) {
                return StableFile.open(file, StandardOpenOption.READ);
            }
        } catch (NoSuchFileException e) {
            // said below, as of what is no file
        }
        throw damage.in(file, "is missing or not a file");
    }

    /** The last reader deletes what was removed meanwhile. */
    void endReading(Reading reading) {
        Path deletable;
        Path dropped;
        synchronized (this) {
            reading.readers--;
            if (reading.readers > 0) {
                return;
            }
            readings.remove(reading);
            published.values().remove(reading);
            if (!reading.deletable) {
                return;
            }
            deletable = reading.path;
            dropped = reading.droppedWith;
        }
        deletion.tree(deletable);
        if (dropped != null) {
            deleteUnread(dropped);
        }
    }

    /**
     * Takes a snapshot away: out of its published name durably, for else a half-deleted one could come back under it, and
     * then its files, at once or after the last reader. What can not be renamed is told of and stays.
     */
    void remove(SnapshotPointer pointer) throws IOException {
        Path removed = renameAway(pointer);
        if (removed != null) {
            deletion.tree(removed);
        }
    }

    /** Returns what is to be deleted now; null if nothing. */
    private synchronized @Nullable Path renameAway(SnapshotPointer pointer) throws IOException {
        Path from = path.resolve(DirectoryNames.published(pointer));
        Path removed = path.resolve(DirectoryNames.removed(freeNumber()));
        try {
            Files.move(from, removed, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            deletion.failed(from, e);
            return null;
        }
        Reading reading = published.remove(pointer);
        if (reading != null) {
            reading.path = removed;
        }
        StableFile.forceDirectory(path);
        if (reading != null) {
            reading.deletable = true;
            return null;
        }
        return removed;
    }

    private long freeNumber() throws IOException {
        String directory = Deletion.name(path);
        while (true) {
            long number = numbers.incrementAndGet();
            Path removed = path.resolve(DirectoryNames.removed(number));
            Path dropped = root.resolve(DirectoryNames.dropped(directory, number));
            if (!StableFile.exists(removed) && !StableFile.exists(dropped)) {
                return number;
            }
        }
    }

    /** Deletes what an earlier process left: staged, half removed, or published and not to be kept. */
    void removeLeftovers(Set<SnapshotPointer> keep) throws IOException {
        for (Path child : children()) {
            String name = Deletion.name(child);
            SnapshotPointer pointer = DirectoryNames.pointer(name);
            if (DirectoryNames.isUnpublished(name)) {
                deletion.tree(child);
            } else if (pointer != null && !keep.contains(pointer)) {
                remove(pointer);
            }
        }
        removeIfEmpty();
    }

    /** Renames the whole directory away, durably. Returns what deletes it, but for what is still read; null the second time. */
    @Nullable
    Runnable drop() throws IOException {
        Path dropped;
        synchronized (this) {
            if (isDropped) {
                return null;
            }
            isDropped = true;
            entryForced = false;
            if (!StableFile.exists(path)) {
                return () -> {};
            }
            dropped = root.resolve(DirectoryNames.dropped(Deletion.name(path), freeNumber()));
            Files.move(path, dropped, StandardCopyOption.ATOMIC_MOVE);
            published.clear();
            List<Reading> moved = new ArrayList<>(readings);
            for (Reading reading : moved) {
                reading.path = dropped.resolve(Deletion.name(reading.path));
                reading.droppedWith = dropped;
            }
            StableFile.forceDirectory(root);
            moved.forEach(reading -> reading.deletable = true);
        }
        return () -> deleteUnread(dropped);
    }

    private void deleteUnread(Path dropped) {
        Set<Path> unread = new HashSet<>();
        try {
            unread.addAll(Deletion.list(dropped));
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            deletion.failed(dropped, e);
            return;
        }
        boolean all = true;
        synchronized (this) {
            for (Reading reading : readings) {
                all &= !unread.remove(reading.path);
            }
        }
        for (Path path : unread) {
            all &= deletion.tree(path);
        }
        if (all) {
            deletion.tree(dropped);
        }
    }

    /** Where a snapshot that is being read is now. Guarded by the group's directory. */
    static final class Reading {

        private Path path;
        private int readers;
        private boolean deletable; // out of its published name durably
        private @Nullable Path droppedWith;

        private Reading(Path path) {
            this.path = path;
        }
    }
}
