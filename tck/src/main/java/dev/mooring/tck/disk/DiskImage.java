// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk at rest. Immutable, shared page by page with the images it came from, and so cheap to take, to damage and to
 * mount. Paths are absolute, {@code /a/b}.
 */
public final class DiskImage {

    /** Number of the root directory. */
    static final long ROOT = 1;

    /** An empty disk. */
    static final DiskImage EMPTY = new DiskImage(Map.of(), Map.of(ROOT, new TreeMap<>()), ROOT + 1);

    private final Map<Long, FileContent> files; // frozen
    private final Map<Long, SortedMap<String, Long>> directories;
    private final long nextNode;
    private volatile long hash; // 0: not computed yet

    /** Takes the maps over. They may hold nodes that no path leads to. */
    DiskImage(Map<Long, FileContent> files, Map<Long, SortedMap<String, Long>> directories, long nextNode) {
        this.files = files;
        this.directories = directories;
        this.nextNode = nextNode;
    }

    Map<Long, FileContent> contents() {
        return files;
    }

    Map<Long, SortedMap<String, Long>> directories() {
        return directories;
    }

    /** Entries of a directory; null if the node is a file. */
    @Nullable
    SortedMap<String, Long> directory(long node) {
        return directories.get(node);
    }

    /** A directory whose own entry reached the disk before those in it is empty. */
    private SortedMap<String, Long> entries(long node) {
        return directories.getOrDefault(node, Collections.emptySortedMap());
    }

    /** A file whose entry reached the disk before anything else of it is empty. */
    FileContent content(long node) {
        return files.getOrDefault(node, FileContent.EMPTY);
    }

    long nextNode() {
        return nextNode;
    }

    /** {@return a 64-bit hash over names and bytes: equal images have equal ones} */
    public long contentHash() {
        long known = hash;
        if (known == 0) {
            known = hash(ROOT, 1);
            known = known == 0 ? 1 : known;
            hash = known;
        }
        return known;
    }

    private long hash(long directory, long seed) {
        long result = seed;
        for (Map.Entry<String, Long> entry : entries(directory).entrySet()) {
            long node = entry.getValue();
            result = Hash.mix(result + Hash.of(entry.getKey()));
            result = directories.containsKey(node)
                    ? hash(node, Hash.mix(result + 7))
                    : Hash.mix(result + content(node).hash());
        }
        return Hash.mix(result + 3);
    }

    /** {@return an empty disk} */
    public static DiskImage empty() {
        return EMPTY;
    }

    /** {@return length in bytes of every file, by path} */
    public SortedMap<String, Long> files() {
        SortedMap<String, Long> found = new TreeMap<>();
        list(ROOT, "", found);
        return found;
    }

    private void list(long directory, String prefix, SortedMap<String, Long> found) {
        entries(directory).forEach((name, node) -> {
            if (directories.containsKey(node)) {
                list(node, prefix + "/" + name, found);
            } else {
                found.put(prefix + "/" + name, content(node).size());
            }
        });
    }

    /**
     * {@return bytes of a file}
     *
     * @param path of a file, from the root
     * @throws NoSuchFileException if there is no such file
     */
    public byte[] read(String path) throws NoSuchFileException {
        FileContent content = content(file(path));
        return content.read(0, Math.toIntExact(content.size()));
    }

    /**
     * Bit rot: this image with one bit of a file the other way round.
     *
     * @param path of a file, from the root
     * @param position in the file, from 0, in bytes
     * @param bit from 0 to 7
     * @return the changed image; this one stays as it is
     * @throws NoSuchFileException if there is no such file
     */
    public DiskImage flipBit(String path, long position, int bit) throws NoSuchFileException {
        FileContent changed = content(file(path)).copy();
        changed.flip(position, bit);
        return with(path, changed);
    }

    /**
     * This image with other bytes in a file, from {@code position} on.
     *
     * @param path of a file, from the root
     * @param position in the file, from 0, in bytes
     * @param bytes written there
     * @return the changed image; this one stays as it is
     * @throws NoSuchFileException if there is no such file
     */
    public DiskImage overwrite(String path, long position, byte[] bytes) throws NoSuchFileException {
        FileContent changed = content(file(path)).copy();
        changed.write(position, Data.of(bytes.clone()));
        return with(path, changed);
    }

    /**
     * A lost block: this image with zeros in a file, as far as it goes.
     *
     * @param path of a file, from the root
     * @param position in the file, from 0, in bytes
     * @param length in bytes
     * @return the changed image; this one stays as it is
     * @throws NoSuchFileException if there is no such file
     */
    public DiskImage zero(String path, long position, int length) throws NoSuchFileException {
        long size = content(file(path)).size();
        return overwrite(path, position, new byte[(int) Math.max(0, Math.min(length, size - position))]);
    }

    /**
     * A misdirected write: this image with {@code length} bytes of one file over those of the same or another one.
     *
     * @param from file whose bytes are taken
     * @param fromPosition where they begin in it
     * @param to file that they end up in
     * @param toPosition where they begin there
     * @param length in bytes
     * @return the changed image; this one stays as it is
     * @throws NoSuchFileException if there is no such file
     */
    public DiskImage misdirect(String from, long fromPosition, String to, long toPosition, int length)
            throws NoSuchFileException {
        FileContent source = content(file(from));
        FileContent target = content(file(to));
        long count = Math.min(length, Math.min(source.size() - fromPosition, target.size() - toPosition));
        return overwrite(to, toPosition, source.read(fromPosition, (int) Math.max(0, count)));
    }

    /**
     * This image with another length of a file.
     *
     * @param path of a file, from the root
     * @param size new length in bytes
     * @return the changed image; this one stays as it is
     * @throws NoSuchFileException if there is no such file
     */
    public DiskImage resize(String path, long size) throws NoSuchFileException {
        FileContent changed = content(file(path)).copy();
        changed.resize(size);
        return with(path, changed);
    }

    /**
     * This image without a file, or without a directory and what it holds.
     *
     * @param path of a file, from the root
     * @return the changed image; this one stays as it is
     * @throws NoSuchFileException if there is no such file
     */
    public DiskImage remove(String path) throws NoSuchFileException {
        long parent = resolve(parentOf(path));
        Map<Long, SortedMap<String, Long>> changed = new HashMap<>(directories);
        SortedMap<String, Long> entries = new TreeMap<>(entries(parent));
        if (entries.remove(nameOf(path)) == null) {
            throw new NoSuchFileException(path);
        }
        changed.put(parent, entries);
        return new DiskImage(files, changed, nextNode);
    }

    /**
     * This image with a file as it is in another one, which may be older. Its directory exists here.
     *
     * @param path of a file, from the root
     * @param other an image that has this file
     * @return the changed image; this one stays as it is
     * @throws NoSuchFileException if the other image has no such file, or this one no such directory
     */
    public DiskImage restore(String path, DiskImage other) throws NoSuchFileException {
        return put(path, other.content(other.file(path)));
    }

    /**
     * A write that never came: this image with a piece of a file as it is in another one, which may be older; zeros where the
     * other file ends. The length stays.
     *
     * @param path of a file, from the root
     * @param position in the file, from 0, in bytes
     * @param length in bytes
     * @param other an image that has this file
     * @return the changed image; this one stays as it is
     * @throws NoSuchFileException if one of the images has no such file
     */
    public DiskImage restore(String path, long position, int length, DiskImage other) throws NoSuchFileException {
        FileContent before = other.content(other.file(path));
        long size = content(file(path)).size();
        byte[] bytes = new byte[(int) Math.max(0, Math.min(length, size - position))];
        before.read(position, ByteBuffer.wrap(bytes));
        return overwrite(path, position, bytes);
    }

    /**
     * This image with a file of these bytes, new or instead of an old one. Its directory exists.
     *
     * @param path of a file, from the root
     * @param bytes the contents
     * @return the changed image; this one stays as it is
     * @throws NoSuchFileException if its directory is not there
     */
    public DiskImage put(String path, byte[] bytes) throws NoSuchFileException {
        FileContent content = FileContent.EMPTY.copy();
        content.write(0, Data.of(bytes.clone()));
        return put(path, content);
    }

    private DiskImage put(String path, FileContent content) throws NoSuchFileException {
        long parent = resolve(parentOf(path));
        Map<Long, SortedMap<String, Long>> changed = new HashMap<>(directories);
        SortedMap<String, Long> entries = new TreeMap<>(entries(parent));
        entries.put(nameOf(path), nextNode);
        changed.put(parent, entries);
        Map<Long, FileContent> contents = new HashMap<>(files);
        contents.put(nextNode, content.freeze());
        return new DiskImage(contents, changed, nextNode + 1);
    }

    private DiskImage with(String path, FileContent content) throws NoSuchFileException {
        Map<Long, FileContent> changed = new HashMap<>(files);
        changed.put(file(path), content.freeze());
        return new DiskImage(changed, directories, nextNode);
    }

    private long file(String path) throws NoSuchFileException {
        long node = resolve(path);
        if (directories.containsKey(node)) {
            throw new NoSuchFileException(path, null, "is a directory");
        }
        return node;
    }

    private long resolve(String path) throws NoSuchFileException {
        long node = ROOT;
        for (String name : path.split("/", -1)) {
            if (name.isEmpty()) {
                continue;
            }
            SortedMap<String, Long> entries = directories.get(node);
            Long next = entries == null ? null : entries.get(name);
            if (next == null) {
                throw new NoSuchFileException(path);
            }
            node = next;
        }
        return node;
    }

    private static String parentOf(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    @Override
    public String toString() {
        return files().toString();
    }
}
