// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/**
 * The snapshots of one storage, whose bytes storage keeps: {@code <group>/<index>-<term>-<id>/}, with a {@linkplain Manifest
 * manifest} and the files in each. Safe for use by any thread; one process at a time.
 *
 * <p>Nobody sees a snapshot before {@link #publish} has renamed its forced directory, so what has a published name is whole
 * unless it was damaged. What an interrupted writing, removing or dropping leaves has another name and goes with
 * {@link #removeLeftovers}.
 */
public final class SnapshotFiles {

    private final Path root;
    private final UUID storageId;
    private final Deletion deletion;
    private final Buffers buffers = new Buffers();
    private final AtomicLong numbers = new AtomicLong(); // of directories that are staged, removed or dropped
    private final ConcurrentMap<String, GroupDirectory> groups = new ConcurrentHashMap<>();

    /**
     * {@return what a message about a damaged snapshot says, but not what to do about it}
     *
     * @param damage of a snapshot in whose place another one is used
     */
    public static String withoutRemedy(StorageException.Corrupted damage) {
        return Damage.withoutRemedy(damage.getMessage());
    }

    /**
     * Touches no disk.
     *
     * @param root the directory of all snapshots; created with the first
     * @param storageId identity of this storage; a manifest that carries another one is not ours
     * @param undeleted told what could not be deleted, and why; it stays until {@link #removeLeftovers} finds it
     */
    public SnapshotFiles(Path root, UUID storageId, BiConsumer<Path, IOException> undeleted) {
        this.root = root;
        this.storageId = storageId;
        this.deletion = new Deletion(undeleted);
    }

    /** Begins a snapshot. Any number may be staged at once, also of one group; a failure fails that one only. */
    public StagedSnapshot stage(String group) throws IOException {
        while (true) {
            GroupDirectory directory = directory(group);
            Path staging = directory.stage();
            if (staging != null) {
                return new StagedSnapshot(directory, staging, new ManifestWriter(storageId, group, buffers), buffers);
            }
            groups.remove(group, directory); // whoever dropped it may not have come to that yet
        }
    }

    /**
     * Publishes a sealed snapshot, durably on return.
     *
     * @throws IllegalStateException if it is not sealed, if its group was dropped, or if its id was used before; nothing
     *     was changed
     * @throws IOException if it is unknown whether it is published now
     */
    public void publish(StagedSnapshot sealed) throws IOException {
        sealed.publish();
    }

    /** What has a published name, whole or not, by index, then term, then id, newest first. */
    public List<SnapshotPointer> published(String group) throws IOException {
        return directory(group).published();
    }

    /**
     * Reads every byte of a published snapshot.
     *
     * @throws StorageException.Corrupted if one differs from what was published, or if a file is missing or was added;
     *     names the file and the offset
     * @throws StorageException.Refused if a later version of the format wrote it
     */
    public void verify(String group, SnapshotPointer pointer) throws IOException {
        try (PublishedSnapshot snapshot = open(group, pointer)) {
            snapshot.verify();
        }
    }

    /**
     * Opens a published snapshot. Its manifest, and names and lengths of its files, are checked now; their bytes when they
     * are read.
     *
     * @throws StorageException.Corrupted as {@link #verify}
     * @throws StorageException.Refused as {@link #verify}
     */
    public PublishedSnapshot open(String group, SnapshotPointer pointer) throws IOException {
        GroupDirectory directory = directory(group);
        Damage damage = new Damage(group, pointer);
        GroupDirectory.Reading reading = directory.beginReading(pointer);
        Manifest manifest = null;
        try {
            Map<String, Long> found = directory.contents(reading, damage);
            manifest = Manifest.read(directory.openFile(reading, Manifest.NAME, damage), storageId, damage);
            checkFiles(found, manifest, damage);
            return new PublishedSnapshot(directory, reading, manifest, damage, buffers);
        } catch (IOException | RuntimeException | Error e) {
            if (manifest != null) {
                manifest.close();
            }
            directory.endReading(reading);
            throw e;
        }
    }

    private static void checkFiles(Map<String, Long> found, Manifest manifest, Damage damage) throws IOException {
        Map<String, Long> added = new HashMap<>(found);
        added.remove(Manifest.NAME);
        for (ListedFile file : manifest.files()) {
            String name = FileName.onDisk(file.name());
            Long bytes = added.remove(name);
            if (bytes == null || bytes < 0) {
                throw damage.in(manifest.sibling(name), "is missing or not a file");
            }
            if (bytes != file.bytes()) {
                throw damage.wrongSize(manifest.sibling(name), file.bytes(), bytes);
            }
        }
        if (!added.isEmpty()) {
            String first = added.keySet().stream().sorted().findFirst().orElseThrow();
            throw damage.in(manifest.sibling(first), "is not part of the snapshot; storage did not put it there");
        }
    }

    /**
     * Removes a published snapshot; does nothing if there is none. It is renamed out of the published name first, durably;
     * its files follow at once, or with its last open reader, and what can not be renamed or deleted is told of and stays.
     *
     * @throws IOException if the renaming could not be forced
     */
    public void remove(String group, SnapshotPointer pointer) throws IOException {
        directory(group).remove(pointer);
    }

    /** Groups that have a directory here, whatever is in it. */
    public Set<String> groups() throws IOException {
        Set<String> found = new TreeSet<>();
        for (Path child : children()) {
            String group = GroupName.decode(Deletion.name(child));
            if (group != null) {
                found.add(group);
            }
        }
        return found;
    }

    private List<Path> children() throws IOException {
        try {
            return Deletion.list(root);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /**
     * Deletes what an earlier process left behind: staged, half removed or half dropped, or published but not to be kept.
     * What can not be deleted is told of and stays; files of unknown names are left alone. Called before anything is
     * staged.
     *
     * @param keep snapshots to keep, by group; those of a group that is not named all go
     * @throws IOException if directories can not be read, or a renaming not be forced
     */
    public void removeLeftovers(Map<String, Set<SnapshotPointer>> keep) throws IOException {
        for (Path child : children()) {
            String name = Deletion.name(child);
            String group = GroupName.decode(name);
            if (DirectoryNames.isDropped(name)) {
                deletion.tree(child);
            } else if (group != null) {
                directory(group).removeLeftovers(keep.getOrDefault(group, Set.of()));
            }
        }
    }

    /**
     * Removes all snapshots of a group. On return the name may be used again: the group's directory was renamed away,
     * durably. What is staged at the moment can no longer be published; what is read goes with its last reader.
     *
     * @return deletes the files, which may take long
     * @throws IOException if the directory could not be renamed
     */
    public Runnable drop(String group) throws IOException {
        while (true) {
            GroupDirectory dropped = directory(group);
            Runnable deletion = dropped.drop();
            groups.remove(group, dropped); // who stages or reads in it has it still
            if (deletion != null) {
                return deletion;
            }
        }
    }

    /** How many groups are known; for tests. */
    int known() {
        return groups.size();
    }

    private GroupDirectory directory(String group) {
        return groups.computeIfAbsent(group, name -> new GroupDirectory(root, name, numbers, deletion));
    }
}
