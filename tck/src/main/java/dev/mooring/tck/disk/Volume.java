// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The mounted state of one disk and the log of what happened to it. Every call is one step under the volume's monitor, so
 * the log is a total order.
 */
final class Volume {

    // A file position that would take the pages of a whole machine is a bug of the program under test.
    static final long MAX_FILE_BYTES = 1L << 30;

    private static final AtomicLong IDS = new AtomicLong();

    /** Identity of a file or directory; differs between any two mounted disks of this JVM. */
    record FileKey(long disk, long node) {
        @Override
        public String toString() {
            return "(disk=" + disk + ",node=" + node + ")";
        }
    }

    private final long id = IDS.incrementAndGet();
    private final long seed;
    private final Random random;
    private final Node.OfDirectory root;
    private final List<DiskEvent> log;
    private final Faults faults = new Faults();
    private final Set<Handle> handles = new LinkedHashSet<>();
    private final List<SimulatedLock> locks = new ArrayList<>();
    private long nextNode;
    private long allocatedPages;
    private long capacityPages = Long.MAX_VALUE;
    private int maxHandles = Integer.MAX_VALUE;
    private long bytesWritten;

    /** Mounts {@code visible}, with a log that led to it. */
    Volume(DiskImage visible, List<DiskEvent> log, long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.log = log;
        this.nextNode = visible.nextNode();
        this.root = (Node.OfDirectory) mount(visible, DiskImage.ROOT);
    }

    private Node mount(DiskImage image, long number) {
        SortedMap<String, Long> entries = image.directory(number);
        if (entries == null) {
            FileContent content = image.content(number);
            allocatedPages += content.allocatedPages();
            return new Node.OfFile(number, content);
        }
        Node.OfDirectory directory = new Node.OfDirectory(number);
        entries.forEach((name, child) -> directory.entries.put(name, mount(image, child)));
        return directory;
    }

    // ---- log, faults, limits

    synchronized void log(DiskEvent event) {
        log.add(event);
    }

    synchronized List<DiskEvent> events() {
        return List.copyOf(log);
    }

    synchronized void inject(Fault fault) {
        faults.inject(fault);
    }

    synchronized void clearFaults() {
        faults.clear();
        capacityPages = Long.MAX_VALUE;
        maxHandles = Integer.MAX_VALUE;
    }

    synchronized int calls(Operation operation) {
        return faults.calls(operation);
    }

    synchronized void readOnly() {
        faults.readOnly();
    }

    synchronized void capacity(long bytes) {
        capacityPages = bytes / Page.BYTES;
    }

    synchronized void maxHandles(int count) {
        maxHandles = count;
    }

    synchronized long usedBytes() {
        return allocatedPages * Page.BYTES;
    }

    synchronized long bytesWritten() {
        return bytesWritten;
    }

    synchronized long totalBytes() {
        return capacityPages == Long.MAX_VALUE ? 1L << 40 : capacityPages * Page.BYTES;
    }

    synchronized List<String> openPaths() {
        return handles.stream().map(Handle::path).toList();
    }

    /** What a process sees now. */
    synchronized DiskImage image() {
        Map<Long, FileContent> files = new HashMap<>();
        Map<Long, SortedMap<String, Long>> directories = new HashMap<>();
        collect(root, files, directories);
        return new DiskImage(files, directories, nextNode);
    }

    private static void collect(
            Node.OfDirectory directory, Map<Long, FileContent> files, Map<Long, SortedMap<String, Long>> directories) {
        SortedMap<String, Long> entries = new TreeMap<>();
        directories.put(directory.number, entries);
        directory.entries.forEach((name, node) -> {
            entries.put(name, node.number);
            if (node instanceof Node.OfDirectory child) {
                collect(child, files, directories);
            } else {
                files.put(node.number, ((Node.OfFile) node).content().freeze());
            }
        });
    }

    /** Changes bytes of a file, as far as it goes, behind everybody's back; false if there is no such file. */
    synchronized boolean damage(SimulatedPath path, long position, byte[] bytes) {
        Node node = root;
        for (String name : path.names()) {
            node = node instanceof Node.OfDirectory directory ? directory.entries.get(name) : null;
        }
        if (!(node instanceof Node.OfFile file)) {
            return false;
        }
        int count = (int) Math.max(0, Math.min(bytes.length, file.content().size() - position));
        FileContent content = file.changing();
        int before = content.allocatedPages();
        content.write(position, Data.of(Arrays.copyOf(bytes, count)));
        allocatedPages += content.allocatedPages() - before;
        return true;
    }

    /** The process ends: its channels and locks are gone, what it wrote is in the page cache. */
    synchronized void kill() {
        for (Handle handle : List.copyOf(handles)) {
            release(handle);
        }
        locks.clear();
    }

    private void check(Operation operation, String path, @Nullable String other) throws IOException {
        Failure failure = faults.next(operation, path);
        if (failure != null && failure.isError()) {
            log.add(new DiskEvent.Marked(operation + " of " + path + " failed with " + failure));
            throw failure.ofPath(path, other);
        }
    }

    // ---- names

    private @Nullable Node find(SimulatedPath path) throws FileSystemException {
        Node node = root;
        for (String name : path.names()) {
            if (!(node instanceof Node.OfDirectory directory)) {
                throw new FileSystemException(path.toString(), null, "Not a directory");
            }
            Node next = directory.entries.get(name);
            if (next == null) {
                return null;
            }
            node = next;
        }
        return node;
    }

    private Node need(SimulatedPath path) throws IOException {
        Node node = find(path);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        return node;
    }

    private Node.OfDirectory parent(SimulatedPath path) throws IOException {
        SimulatedPath parent = path.getParent();
        if (parent == null) {
            throw new FileSystemException(path.toString(), null, "Device or resource busy"); // the root
        }
        Node node = need(parent);
        if (node instanceof Node.OfDirectory directory) {
            return directory;
        }
        throw new FileSystemException(path.toString(), null, "Not a directory");
    }

    private static String name(SimulatedPath path) throws IOException {
        String name = path.lastName();
        if (name.getBytes(StandardCharsets.UTF_8).length > 255) {
            throw new FileSystemException(path.toString(), null, "File name too long");
        }
        return name;
    }

    // ---- calls on paths

    synchronized Handle open(SimulatedPath path, Access access, @Nullable Set<PosixFilePermission> permissions)
            throws IOException {
        Node node = find(path);
        boolean create = node == null && (access.create() || access.createNew());
        if (node == null && !create) {
            faults.next(Operation.OPEN, path.toString());
            throw new NoSuchFileException(path.toString());
        }
        check(create ? Operation.CREATE : Operation.OPEN, path.toString(), null);
        if (handles.size() >= maxHandles) {
            throw Failure.EMFILE.ofPath(path.toString(), null);
        }
        if (node != null && access.createNew()) {
            throw new FileAlreadyExistsException(path.toString());
        }
        if (node instanceof Node.OfDirectory && access.write()) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        if (access.write() && faults.isReadOnly()) {
            throw Failure.EROFS.ofPath(path.toString(), null);
        }
        if (node == null) {
            node = create(path, new Node.OfFile(nextNode, FileContent.EMPTY), permissions);
        }
        Handle handle = new Handle(this, node, path.toString(), access);
        handles.add(handle);
        if (node instanceof Node.OfFile file) {
            file.handles++;
            if (access.truncate() && access.write() && file.content().size() > 0) {
                resize(file, path.toString(), 0);
            }
            if (access.deleteOnClose()) {
                unlink(parent(path), path.lastName(), path.toString(), file);
            }
        }
        return handle;
    }

    private Node create(SimulatedPath path, Node node, @Nullable Set<PosixFilePermission> permissions)
            throws IOException {
        Node.OfDirectory parent = parent(path);
        if (permissions != null) {
            node.permissions = permissions;
        }
        parent.entries.put(name(path), node);
        nextNode++;
        log.add(new DiskEvent.Created(
                parent.number, name(path), node.number, node instanceof Node.OfDirectory, path.toString()));
        return node;
    }

    synchronized void createDirectory(SimulatedPath path, @Nullable Set<PosixFilePermission> permissions)
            throws IOException {
        if (find(path) != null) {
            throw new FileAlreadyExistsException(path.toString());
        }
        parent(path);
        check(Operation.CREATE, path.toString(), null);
        create(path, new Node.OfDirectory(nextNode), permissions);
    }

    synchronized void delete(SimulatedPath path) throws IOException {
        Node node = need(path);
        check(Operation.DELETE, path.toString(), null);
        if (node instanceof Node.OfDirectory directory && !directory.entries.isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        unlink(parent(path), path.lastName(), path.toString(), node);
    }

    private void unlink(Node.OfDirectory parent, String name, String path, Node node) {
        parent.entries.remove(name);
        log.add(new DiskEvent.Removed(parent.number, name, node.number, path));
        forget(node);
    }

    private void forget(Node node) {
        node.linked = false;
        freeIfUnused(node);
    }

    private void freeIfUnused(Node node) {
        if (node instanceof Node.OfFile file && !file.linked && file.handles == 0) {
            allocatedPages -= file.content().allocatedPages();
        }
    }

    synchronized void move(SimulatedPath source, SimulatedPath target, Set<CopyOption> options) throws IOException {
        if (options.contains(StandardCopyOption.ATOMIC_MOVE)) {
            parent(source);
            parent(target);
        }
        Node moved = need(source);
        check(Operation.RENAME, source.toString(), target.toString());
        Node.OfDirectory from = parent(source);
        Node.OfDirectory to = parent(target);
        Node replaced = to.entries.get(name(target));
        if (replaced == moved) {
            return;
        }
        if (replaced != null && !options.contains(StandardCopyOption.ATOMIC_MOVE)) {
            if (!options.contains(StandardCopyOption.REPLACE_EXISTING)) {
                throw new FileAlreadyExistsException(target.toString());
            }
            if (replaced instanceof Node.OfDirectory directory && !directory.entries.isEmpty()) {
                throw new DirectoryNotEmptyException(target.toString());
            }
            // two steps, as in the JDK: a crash between them leaves neither the old file nor the new one
            unlink(to, target.lastName(), target.toString(), replaced);
            replaced = null;
        }
        String obstacle = source.startsWith(target)
                ? "Directory not empty"
                : obstacle(moved, replaced, target.startsWith(source));
        if (obstacle != null) {
            throw new FileSystemException(source.toString(), target.toString(), obstacle);
        }
        from.entries.remove(source.lastName());
        to.entries.put(name(target), moved);
        log.add(new DiskEvent.Renamed(
                from.number,
                source.lastName(),
                to.number,
                target.lastName(),
                moved.number,
                source.toString(),
                target.toString()));
        if (replaced != null) {
            forget(replaced);
        }
    }

    /** Why rename(2) refuses; null if it does not. */
    private static @Nullable String obstacle(Node moved, @Nullable Node replaced, boolean intoItself) {
        if (intoItself) {
            return "Invalid argument";
        }
        if (replaced instanceof Node.OfDirectory directory) {
            if (!(moved instanceof Node.OfDirectory)) {
                return "Is a directory";
            }
            return directory.entries.isEmpty() ? null : "Directory not empty";
        }
        return replaced != null && moved instanceof Node.OfDirectory ? "Not a directory" : null;
    }

    /** Names in an order that is anything but sorted, as a hashed directory gives them. */
    synchronized Handle list(SimulatedPath path, Collection<String> names) throws IOException {
        Node node;
        try {
            node = need(path);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (FileSystemException e) {
            throw new NotDirectoryException(path.toString());
        }
        if (!(node instanceof Node.OfDirectory directory)) {
            throw new NotDirectoryException(path.toString());
        }
        check(Operation.LIST, path.toString(), null);
        if (handles.size() >= maxHandles) {
            throw Failure.EMFILE.ofPath(path.toString(), null);
        }
        directory.entries.keySet().stream()
                .sorted(Comparator.comparingLong(name -> Hash.mix(Hash.of(name) + seed)))
                .forEach(names::add);
        Handle handle = new Handle(this, node, path.toString(), Access.READING);
        handles.add(handle);
        return handle;
    }

    synchronized Attributes attributes(SimulatedPath path) throws IOException {
        check(Operation.STAT, path.toString(), null);
        Node node = need(path);
        boolean directory = node instanceof Node.OfDirectory;
        long size = node instanceof Node.OfFile file ? file.content().size() : Page.BYTES;
        return new Attributes(directory, size, new FileKey(id, node.number), Set.copyOf(node.permissions));
    }

    synchronized boolean exists(SimulatedPath path) throws IOException {
        check(Operation.STAT, path.toString(), null);
        return find(path) != null;
    }

    synchronized void checkAccess(SimulatedPath path, boolean write) throws IOException {
        check(Operation.STAT, path.toString(), null);
        Node node = need(path);
        if (write && !node.permissions.contains(PosixFilePermission.OWNER_WRITE)) {
            throw new AccessDeniedException(path.toString());
        }
    }

    synchronized void permissions(SimulatedPath path, Set<PosixFilePermission> permissions) throws IOException {
        need(path).permissions = permissions;
    }

    // ---- calls on handles

    private void check(Handle handle) throws ClosedChannelException {
        if (!handles.contains(handle)) {
            throw new ClosedChannelException();
        }
    }

    synchronized boolean isOpen(Handle handle) {
        return handles.contains(handle);
    }

    private void check(Operation operation, Handle handle) throws IOException {
        check(handle);
        fail(operation, handle, faults.next(operation, handle.path()));
    }

    private void fail(Operation operation, Handle handle, @Nullable Failure failure) throws IOException {
        if (failure != null && failure.isError()) {
            log.add(new DiskEvent.Marked(operation + " of " + handle.path() + " failed with " + failure));
            throw failure.ofChannel();
        }
    }

    private static Node.OfFile file(Handle handle) throws IOException {
        if (handle.node() instanceof Node.OfFile file) {
            return file;
        }
        throw new IOException("Is a directory");
    }

    synchronized int read(Handle handle, long position, ByteBuffer target) throws IOException {
        check(handle);
        Failure failure = faults.next(Operation.READ, handle.path());
        if (failure == Failure.SHORT_READ && target.remaining() > 1) {
            ByteBuffer part = target.slice(target.position(), 1 + random.nextInt(target.remaining() - 1));
            int count = file(handle).content().read(position, part);
            target.position(target.position() + Math.max(0, count));
            return count;
        }
        fail(Operation.READ, handle, failure);
        return file(handle).content().read(position, target);
    }

    synchronized int write(Handle handle, long position, ByteBuffer source) throws IOException {
        check(handle);
        Node.OfFile file = file(handle);
        long start = handle.access().append() ? file.content().size() : position;
        int length = source.remaining();
        Failure failure = faults.next(Operation.WRITE, handle.path());
        if (start + length > MAX_FILE_BYTES) {
            throw new IOException("File too large");
        }
        if (failure == null && length > 0) {
            int room = room(file, start, length);
            failure = room == length ? null : room == 0 ? Failure.ENOSPC : Failure.SHORT_WRITE;
            length = room;
        } else if (failure == Failure.SHORT_WRITE) {
            length = length < 2 ? length : 1 + random.nextInt(length - 1);
        } else if (failure == Failure.EIO) {
            length = length == 0 ? 0 : random.nextInt(length);
        } else if (failure != null) {
            length = 0;
        }
        ByteBuffer given = failure == Failure.EIO ? source.duplicate() : source;
        if (length > 0) {
            put(handle, file, start, Data.take(given, length));
        }
        boolean failed = failure != null && failure.isError();
        if (handle.access().synced() && length > 0) {
            Failure ofSync = faults.next(Operation.FORCE, handle.path());
            boolean syncFailed = failed || (ofSync != null && ofSync.isError());
            log.add(new DiskEvent.Synced(file.number, start, length, syncFailed, handle.path()));
            failure = failed || !syncFailed ? failure : ofSync;
            failed |= syncFailed;
        }
        if (failure != null && failed) {
            log.add(new DiskEvent.Marked("write of " + handle.path() + " failed with " + failure));
            throw failure.ofChannel();
        }
        return length;
    }

    private void put(Handle handle, Node.OfFile file, long position, Data data) {
        FileContent content = file.changing();
        int first = (int) (position / Page.BYTES);
        int end = (int) ((position + data.length() + Page.BYTES - 1) / Page.BYTES);
        int before = content.allocatedPages(first, end);
        content.write(position, data);
        allocatedPages += content.allocatedPages(first, end) - before;
        bytesWritten += data.length();
        log.add(new DiskEvent.Written(file.number, position, data, handle.path()));
    }

    /** How many of these bytes still find room. */
    private int room(Node.OfFile file, long position, int length) {
        if (capacityPages == Long.MAX_VALUE) {
            return length;
        }
        long free = capacityPages - allocatedPages;
        long page = position / Page.BYTES;
        long at = position;
        while (at < position + length) {
            if (file.content().allocatedPages((int) page, (int) page + 1) == 0 && --free < 0) {
                break;
            }
            page++;
            at = page * Page.BYTES;
        }
        return (int) Math.max(0, Math.min(at - position, length));
    }

    synchronized void truncate(Handle handle, long size) throws IOException {
        check(Operation.TRUNCATE, handle);
        Node.OfFile file = file(handle);
        if (size < file.content().size()) {
            resize(file, handle.path(), size);
        }
    }

    private void resize(Node.OfFile file, String path, long size) {
        FileContent content = file.changing();
        int before = content.allocatedPages();
        content.resize(size);
        allocatedPages += content.allocatedPages() - before;
        log.add(new DiskEvent.Resized(file.number, size, path));
    }

    synchronized void force(Handle handle) throws IOException {
        check(handle);
        boolean directory = handle.node() instanceof Node.OfDirectory;
        Failure failure = faults.next(directory ? Operation.FORCE_DIRECTORY : Operation.FORCE, handle.path());
        boolean failed = failure != null && failure.isError();
        long node = handle.node().number;
        log.add(
                directory
                        ? new DiskEvent.DirectoryForced(node, failed, handle.path())
                        : new DiskEvent.Forced(node, failed, handle.path()));
        if (failure != null && failed) {
            throw failure.ofChannel();
        }
    }

    synchronized long size(Handle handle) throws IOException {
        check(handle);
        return handle.node() instanceof Node.OfFile file ? file.content().size() : Page.BYTES;
    }

    synchronized void release(Handle handle) {
        if (!handles.remove(handle)) {
            return;
        }
        locks.removeIf(lock -> lock.handle() == handle);
        if (handle.node() instanceof Node.OfFile file) {
            file.handles--;
            freeIfUnused(file);
        }
    }

    // ---- locks

    /** Takes the lock; within one process an overlap is a mistake, and there is no other process here. */
    synchronized void lock(SimulatedLock lock) throws IOException {
        check(lock.handle());
        for (SimulatedLock held : locks) {
            if (held.handle().node() == lock.handle().node() && held.overlaps(lock.position(), lock.size())) {
                throw new OverlappingFileLockException();
            }
        }
        locks.add(lock);
    }

    synchronized boolean holds(SimulatedLock lock) {
        return locks.contains(lock);
    }

    synchronized void unlock(SimulatedLock lock) {
        locks.remove(lock);
    }
}
