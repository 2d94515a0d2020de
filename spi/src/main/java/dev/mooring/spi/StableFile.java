// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A file that stays open when a thread that uses it is interrupted, and the steps that make files and directory entries
 * durable. Safe for use by any thread, also several at once.
 *
 * <p>All access goes through the path's own {@link java.nio.file.spi.FileSystemProvider}.
 */
public final class StableFile implements Closeable {

    // Not a FileChannel: an interrupt of one reading or writing thread closes that under everybody (see
    // java.nio.channels.InterruptibleChannel). An asynchronous channel whose tasks run on the caller's own thread is
    // not
    // interruptible and costs no hand-over.
    private static final ExecutorService CALLER_RUNS = new CallerRuns();

    private final Path path;
    private final AsynchronousFileChannel channel;

    private StableFile(Path path, AsynchronousFileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Opens a file as {@link java.nio.channels.FileChannel#open} would; appending is not supported. */
    public static StableFile open(Path path, OpenOption... options) throws IOException {
        return new StableFile(path, AsynchronousFileChannel.open(path, Set.of(options), CALLER_RUNS));
    }

    /** The path this was opened with. */
    public Path path() {
        return path;
    }

    /**
     * Reads from {@code position} on until the buffer is full or the file ends.
     *
     * @return number of bytes read, less than what remained in the buffer only at the end of the file
     */
    public int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        while (target.hasRemaining()) {
            int count = result(channel.read(target, position + target.position() - start));
            if (count < 0) {
                break;
            }
        }
        return target.position() - start;
    }

    /** Fills the buffer from {@code position} on, or throws {@link EOFException} naming the file and the place. */
    public void readFully(ByteBuffer target, long position) throws IOException {
        int wanted = target.remaining();
        int count = read(target, position);
        if (count < wanted) {
            throw new EOFException(path + " ends at " + (position + count) + ", " + (wanted - count)
                    + " bytes before the end of what was to be read");
        }
    }

    /** Writes all that remains in the buffer. It is durable only after {@link #force}. */
    public void write(ByteBuffer source, long position) throws IOException {
        int start = source.position();
        while (source.hasRemaining()) {
            int count = result(channel.write(source, position + source.position() - start));
            if (count <= 0) {
                throw new IOException(path + ": nothing was written at " + (position + source.position() - start));
            }
        }
    }

    /** Makes what was written durable, with its length; like {@code fdatasync}. */
    public void forceData() throws IOException {
        channel.force(false);
    }

    /** Makes what was written durable, with all its metadata; like {@code fsync}. The directory entry is not covered. */
    public void force() throws IOException {
        channel.force(true);
    }

    /** Length in bytes. */
    public long size() throws IOException {
        return channel.size();
    }

    /** Cuts the file off at this length. */
    public void truncate(long sizeBytes) throws IOException {
        channel.truncate(sizeBytes);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Makes the entries of a directory durable: files created in it, renamed or removed. */
    public static void forceDirectory(Path directory) throws IOException {
        if (directory.getFileSystem() == FileSystems.getDefault()
                && System.getProperty("os.name", "").startsWith("Windows")) {
            return; // no handle on a directory to be had from Java; NTFS journals directory entries itself
        }
        try (AsynchronousFileChannel opened =
                AsynchronousFileChannel.open(directory, Set.of(StandardOpenOption.READ), CALLER_RUNS)) {
            opened.force(true);
        }
    }

    /**
     * Replaces {@code target} by {@code bytes} as a whole: written to {@code target} + {@code .tmp}, forced, renamed, and
     * the directory forced. After a crash either the old file is there or the new one.
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

    /** Renames a file or directory atomically, over an existing file too, and forces the directory that holds both. */
    public static void rename(Path source, Path target) throws IOException {
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        Path parent = target.toAbsolutePath().getParent();
        if (parent != null) {
            forceDirectory(parent);
        }
    }

    private static int result(Future<Integer> done) throws IOException {
        try {
            return done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            // can not be: the task ran on this thread before the future was returned
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a finished read or write", e);
        }
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
