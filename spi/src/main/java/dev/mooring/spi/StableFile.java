// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file that stays open when a thread that uses it is interrupted, and the steps that make files and directory entries
 * durable. Safe for use by any thread, also several at once.
 *
 * <p>All access goes through the path's own {@link java.nio.file.spi.FileSystemProvider}.
 */
public final class StableFile implements Closeable {

    // Not a FileChannel: an interrupt of one reading or writing thread closes that under everybody (see
    // java.nio.channels.InterruptibleChannel). An asynchronous channel whose tasks run on the caller's own
    // thread is not interruptible and costs no hand-over.
    private static final ExecutorService CALLER_RUNS = new CallerRuns();
    private static final int PIECE_BYTES = 256 << 10;

    private static final FileAttribute<?>[] NO_ATTRIBUTES = {};
    private static final FileAttribute<?> OWNER_ONLY_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path path;
    private final AsynchronousFileChannel channel;
    private @Nullable FileLock lock; // held here because the JVM's own table of locks holds it weakly

    private StableFile(Path path, AsynchronousFileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Opens a file as {@link java.nio.channels.FileChannel#open} would; appending is not supported. A file that this
     * creates is for its owner only, where the file system knows POSIX permissions.
     *
     * @param path of the file
     * @param options as for a channel
     * @return the open file
     * @throws IOException if it can not be opened
     */
    public static StableFile open(Path path, OpenOption... options) throws IOException {
        Set<OpenOption> chosen = Set.of(options);
        boolean mayCreate =
                chosen.contains(StandardOpenOption.CREATE) || chosen.contains(StandardOpenOption.CREATE_NEW);
        FileAttribute<?>[] attributes = mayCreate ? ownerOnly(path, OWNER_ONLY_FILE) : NO_ATTRIBUTES;
        return new StableFile(path, AsynchronousFileChannel.open(path, chosen, CALLER_RUNS, attributes));
    }

    /** {@return the path this was opened with} */
    public Path path() {
        return path;
    }

    /**
     * Reads from {@code position} on until the buffer is full or the file ends.
     *
     * @param target is filled from its position on
     * @param position in the file, from 0, in bytes
     * @return number of bytes read, less than what remained in the buffer only at the end of the file
     * @throws IOException if the disk or its file system refuses; names the path and the offset
     */
    public int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        while (target.hasRemaining()) {
            int end = limitPiece(target);
            int count;
            try {
                long at = position + target.position() - start;
                count = result(channel.read(target, at), "reading", at);
            } finally {
                target.limit(end);
            }
            if (count < 0) {
                break;
            }
        }
        return target.position() - start;
    }

    /**
     * Fills the buffer from {@code position} on, or throws {@link EOFException} naming the file and the place.
     *
     * @param target is filled from its position on
     * @param position in the file, from 0, in bytes
     * @throws IOException if the file ends before that, or can not be read
     */
    public void readFully(ByteBuffer target, long position) throws IOException {
        int wanted = target.remaining();
        int count = read(target, position);
        if (count < wanted) {
            throw new EOFException(path + " ends at " + (position + count) + ", " + (wanted - count)
                    + " bytes before the end of what was to be read");
        }
    }

    /**
     * Writes all that remains in the buffer. It is durable only after {@link #force}.
     *
     * @param source its bytes from position to limit
     * @param position in the file, from 0, in bytes
     * @throws IOException if the disk or its file system refuses; names the path and the offset
     */
    public void write(ByteBuffer source, long position) throws IOException {
        int start = source.position();
        while (source.hasRemaining()) {
            int end = limitPiece(source);
            long at = position + source.position() - start;
            int count;
            try {
                count = result(channel.write(source, at), "writing", at);
            } finally {
                source.limit(end);
            }
            if (count <= 0) {
                throw new IOException(path + " at offset " + at + ": nothing was written");
            }
        }
    }

    /**
     * Limits a buffer on the heap to what goes at once: the JDK copies it through a direct one as large, which it keeps for
     * as long as the thread lives. Returns the limit that was.
     */
    private static int limitPiece(ByteBuffer buffer) {
        int end = buffer.limit();
        if (!buffer.isDirect() && buffer.remaining() > PIECE_BYTES) {
            buffer.limit(buffer.position() + PIECE_BYTES);
        }
        return end;
    }

    /**
     * Makes what was written durable, with its length; like {@code fdatasync}.
     *
     * @throws IOException if it may not be durable; a second attempt that succeeds proves nothing
     */
    public void forceData() throws IOException {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw named(e, "forcing", path);
        }
    }

    /**
     * Makes what was written durable, with all its metadata; like {@code fsync}. The directory entry is not covered.
     *
     * @throws IOException if it may not be durable; a second attempt that succeeds proves nothing
     */
    public void force() throws IOException {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw named(e, "forcing", path);
        }
    }

    /**
     * Locks the whole file against other processes until this is closed. On POSIX systems closing <em>any</em> channel
     * on the same file, in the same process, gives the lock up: a file that is locked must not be opened a second time.
     *
     * @return false if another process holds it
     * @throws OverlappingFileLockException if this process holds it through another channel
     * @throws UnsupportedOperationException if this file system knows no locks
     * @throws IOException if the file system can not lock
     */
    public synchronized boolean tryLock() throws IOException {
        if (lock == null) {
            lock = channel.tryLock();
        }
        return lock != null;
    }

    /**
     * {@return length in bytes}
     *
     * @throws IOException if the disk or its file system refuses; names the path
     */
    public long size() throws IOException {
        try {
            return channel.size();
        } catch (IOException e) {
            throw named(e, "finding the length of", path);
        }
    }

    /**
     * Cuts the file off at this length.
     *
     * @param sizeBytes new length, at most the present one
     * @throws IOException if the disk or its file system refuses; names the path and the length
     */
    public void truncate(long sizeBytes) throws IOException {
        try {
            channel.truncate(sizeBytes);
        } catch (IOException e) {
            throw namedAt(e, "truncating", sizeBytes);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /**
     * {@return whether something has this name, be it a link that leads nowhere} Unlike {@link Files#exists} it never takes
     * what it can not see for missing: to begin anew over what is there is the surest way to lose it.
     *
     * @param path the name
     * @throws IOException if that can not be told
     */
    public static boolean exists(Path path) throws IOException {
        try {
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Makes the entries of a directory durable: files created in it, renamed or removed.
     *
     * @param directory the directory
     * @throws IOException if its entries may not be durable
     */
    public static void forceDirectory(Path directory) throws IOException {
        if (isWindows(directory)) {
            return; // no handle on a directory to be had from Java; NTFS journals directory entries itself
        }
        forceWhatIsAt(directory, StandardOpenOption.READ);
    }

    /**
     * Makes durable every regular file and every directory at and below {@code root}, each directory after what it
     * holds. Links below it are not followed. Nothing may be created or removed there meanwhile.
     *
     * @param root a directory
     * @throws IOException if something there may not be durable
     */
    public static void forceTree(Path root) throws IOException {
        Files.walkFileTree(root.toRealPath(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    // Windows flushes through writable handles only; elsewhere a read-only file can be forced too
                    forceWhatIsAt(file, isWindows(file) ? StandardOpenOption.WRITE : StandardOpenOption.READ);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                forceDirectory(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /**
     * Creates a directory and the parents it lacks, for their owner only where the file system knows POSIX permissions,
     * and makes the entry of each durable in its parent before the next is created. Does nothing but force if it is
     * there already. After a failure the levels that were created are removed again.
     *
     * @param directory the directory
     * @throws NotDirectoryException if something else has that name, or a parent's
     */
    public static void createDirectories(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        Path existing = directory.toAbsolutePath();
        while (existing.getParent() != null && !isDirectory(existing)) {
            missing.push(existing);
            existing = existing.getParent();
        }
        forceEntryOfUnknownAge(existing);
        Deque<Path> created = new ArrayDeque<>();
        try {
            for (Path level : missing) {
                if (createDirectory(level)) {
                    created.push(level);
                }
                forceEntry(level);
            }
        } catch (IOException | RuntimeException e) {
            // were they left, the next attempt would find them and take them for durable
            removeAll(created, e);
            throw e;
        }
    }

    private static boolean isDirectory(Path path) throws IOException {
        try {
            if (!Files.readAttributes(path, BasicFileAttributes.class).isDirectory()) {
                throw new NotDirectoryException(path.toString());
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static boolean createDirectory(Path level) throws IOException {
        try {
            Files.createDirectory(level, ownerOnly(level, OWNER_ONLY_DIRECTORY));
            return true;
        } catch (FileAlreadyExistsException e) {
            if (!isDirectory(level)) { // a link that leads nowhere
                throw new NotDirectoryException(level.toString());
            }
            return false; // somebody else was faster
        }
    }

    /**
     * Forces the entry of the deepest level that was found: whoever created it may have been killed before that. That may
     * fail where there is nothing to force: a parent that we may not read is none that we created entries in, and the top
     * of a mounted file system has its entry in another one, perhaps read-only or of a kind that can not be forced.
     */
    private static void forceEntryOfUnknownAge(Path existing) throws IOException {
        try {
            forceEntry(existing);
        } catch (IOException e) {
            Path parent = existing.getParent();
            if (parent != null && Files.isReadable(parent) && !isMountedBelow(parent, existing, e)) {
                throw e;
            }
        }
    }

    /** Whether the two are known to be in different file systems; asked because of a failure, which nothing hides. */
    private static boolean isMountedBelow(Path parent, Path path, IOException failure) {
        try {
            FileStore store = Files.getFileStore(path);
            FileStore above = Files.getFileStore(parent);
            boolean one = store.equals(above)
                    || (store.name().equals(above.name()) && store.type().equals(above.type()));
            return !one;
        } catch (IOException | SecurityException unknown) {
            failure.addSuppressed(unknown);
            return false;
        }
    }

    private static void forceEntry(Path entry) throws IOException {
        Path parent = entry.toAbsolutePath().getParent();
        if (parent != null) {
            forceDirectory(parent);
        }
    }

    private static void removeAll(Iterable<Path> created, Exception reason) {
        for (Path level : created) {
            try {
                Files.deleteIfExists(level);
            } catch (IOException e) {
                reason.addSuppressed(e);
                return;
            }
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path path, FileAttribute<?> attribute) {
        boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix ? new FileAttribute<?>[] {attribute} : NO_ATTRIBUTES;
    }

    private static boolean isWindows(Path path) {
        return path.getFileSystem().equals(FileSystems.getDefault())
                && System.getProperty("os.name", "").startsWith("Windows");
    }

    private static void forceWhatIsAt(Path path, OpenOption option) throws IOException {
        try (AsynchronousFileChannel opened = AsynchronousFileChannel.open(path, Set.of(option), CALLER_RUNS)) {
            opened.force(true);
        } catch (IOException e) {
            throw named(e, "forcing", path);
        }
    }

    /**
     * Replaces {@code target} by {@code bytes} as a whole: written to {@code target} + {@code .tmp}, forced, renamed,
     * and the directory forced. After a crash either the old file is there or the new one.
     *
     * @param target the file, which need not be there
     * @param bytes the new contents, from position to limit
     * @throws IOException if it failed; the old file or the new one is there
     */
    public static void replace(Path target, ByteBuffer bytes) throws IOException {
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try (StableFile file = open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            file.write(bytes, 0);
            file.force();
        }
        rename(temporary, target);
    }

    /**
     * Renames a file or directory atomically, over an existing file too, and forces the directory that holds both.
     *
     * @param source what is there
     * @param target its new path, in the same file system
     * @throws IOException if it failed, or may not be durable
     */
    public static void rename(Path source, Path target) throws IOException {
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        forceEntry(target);
    }

    private int result(Future<Integer> done, String doing, long position) throws IOException {
        try {
            return done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw namedAt(io, doing, position);
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            // can not be: the task ran on this thread before the future was returned
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a finished read or write", e);
        }
    }

    /** Whoever looks for a bad sector, or for what a write may have torn, needs the place. */
    private IOException namedAt(IOException e, String doing, long position) {
        return named(e, doing, path + " at offset " + position);
    }

    /** The operating system says only what went wrong, not with which file. */
    private static IOException named(IOException e, String doing, Object what) {
        return e.getClass() == IOException.class ? new IOException(doing + " " + what + ": " + e.getMessage(), e) : e;
    }

    /** Runs each task at once on the thread that submits it. */
    private static final class CallerRuns extends AbstractExecutorService {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }
}
