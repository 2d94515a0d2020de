// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.channels.OverlappingFileLockException;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * One process, and in it one storage, has a directory open (rule LIFE-4). {@code LOCK} is empty and locked as a whole by
 * the operating system, which frees it when the process dies, however it dies; {@code LOCK.holder} says who that is.
 */
final class DirectoryLock {

    /*
     * On POSIX systems a process loses its lock as soon as it closes any channel on the file. So within the process the
     * registry is asked first, LOCK is opened by nobody else, and never for reading. Should the registry have been lost,
     * say by System.setProperties, the JVM still knows of the lock; the channel that found out must then stay open.
     */
    private static final Queue<StableFile> NEVER_TO_BE_CLOSED = new ConcurrentLinkedQueue<>();

    private final StableFile file;
    private final String key;
    private final String entry;

    private DirectoryLock(StableFile file, String key, String entry) {
        this.file = file;
        this.key = key;
        this.entry = entry;
    }

    static DirectoryLock acquire(Layout layout, @Nullable String node) throws IOException {
        Holder holder = Holder.thisProcess(node);
        String key = ProcessRegistry.key(layout.root());
        String entry = holder.text() + "entry=" + UUID.randomUUID();
        String present = ProcessRegistry.enter(key, entry);
        if (present != null) {
            throw new StorageException.Locked(layout.root() + " is open in this process already: "
                    + new Holder(present).describe() + ". Close that storage first, or use it");
        }
        try {
            return new DirectoryLock(lock(layout, holder), key, entry);
        } catch (IOException | RuntimeException | Error e) {
            ProcessRegistry.leave(key, entry);
            throw e;
        }
    }

    private static StableFile lock(Layout layout, Holder holder) throws IOException {
        StableFile file = Entries.openOwn(layout.lock());
        try {
            if (isLocked(layout, file)) {
                holder.write(layout.holder());
                return file;
            }
        } catch (OverlappingFileLockException e) {
            NEVER_TO_BE_CLOSED.add(file);
            throw new StorageException.Locked(
                    layout.root() + " is open in this process already: "
                            + Holder.thisProcess(null).describe() + ". Close that storage first, or use it",
                    e);
        } catch (IOException | RuntimeException | Error e) {
            closeQuietly(file);
            throw e;
        }
        closeQuietly(file);
        throw new StorageException.Locked(layout.root() + " is open in " + Holder.inWords(layout.holder())
                + ". Deleting LOCK would not free it: both would write");
    }

    private static boolean isLocked(Layout layout, StableFile file) throws IOException {
        try {
            return file.tryLock();
        } catch (UnsupportedOperationException noLocksHere) {
            return true; // a simulated file system lives in this process only, and there the registry holds
        } catch (IOException e) {
            throw new StorageException.Refused(
                    layout.lock() + " can not be locked: " + e.getMessage()
                            + ". Use a file system that has locks; on NFS, the lock service must run",
                    e);
        }
    }

    /** Gives the directory up. The channel goes first: after the registry, it could take the next holder's lock along. */
    void release() {
        closeQuietly(file);
        ProcessRegistry.leave(key, entry);
    }

    private static void closeQuietly(StableFile file) {
        try {
            file.close();
        } catch (IOException e) {
            // nothing was written to it, and the system drops the lock with the descriptor whatever close says
            return;
        }
    }
}
