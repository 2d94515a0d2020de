// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.Repair;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The open directory of one storage: locked, its identity checked, its mark read. Safe for use by any thread.
 *
 * <pre>
 * IDENTITY      whose directory this is, see {@link Identity}; written once
 * MARK          what was acknowledged, see {@link MarkFile}; not where the backend is VOLATILE
 * LOCK          empty, locked while somebody has the directory open, see {@link DirectoryLock}
 * LOCK.holder   who that is, see {@link Holder}
 * data/         the backend's own files
 * snapshots/    snapshot files that storage keeps
 * IDENTITY.tmp, data.tmp/   while a first initialisation is under way, or was cut short
 * MIGRATION     while it is made by a migration, see {@link UnfinishedMigration}
 * </pre>
 */
public final class DataDirectory implements AutoCloseable {

    /**
     * What is to be opened.
     *
     * @param directory the data directory; created with its missing parents if need be
     * @param node name of the node, whose storage is then in the subdirectory of this name; null for none
     * @param backend name of the configured backend
     * @param mayCreate whether an empty or missing directory may become a new storage; if not, it is refused, for it may be
     *     a disk that is not mounted
     * @param keepsMark false for a VOLATILE backend, which has no mark
     */
    public record Request(
            Path directory, @Nullable String node, String backend, boolean mayCreate, boolean keepsMark) {}

    /** Lets the backend make its files in a new storage. */
    @FunctionalInterface
    public interface FirstOpening {
        /**
         * Opens the backend in this directory, which exists and is empty, loads it and closes it. Everything in it is
         * forced afterwards, and the directory is renamed.
         */
        void initialize(Path dataDirectory, UUID storageId) throws IOException;
    }

    private final Layout layout;
    private final Identity identity;
    private final boolean created;
    private final @Nullable MarkFile mark;
    private final DirectoryLock lock;
    private final long provenSequence;
    private final boolean endedCleanly;
    private volatile boolean identityProven;
    private boolean closed;

    DataDirectory(Layout layout, Identity identity, boolean created, @Nullable MarkFile mark, DirectoryLock lock) {
        this.layout = layout;
        this.identity = identity;
        this.created = created;
        this.mark = mark;
        this.lock = lock;
        this.provenSequence = mark == null ? 0 : mark.sequence();
        this.endedCleanly = mark == null || mark.endedCleanly();
        this.identityProven = created || mark == null || !mark.isUntouched();
    }

    /**
     * Creates the directory if need be, for its owner only, locks it, and initialises it or checks whose it is.
     *
     * @throws StorageException.Locked if it is open, in this process or another
     * @throws StorageException.Refused if it is somebody else's, or can not be used as it is; nothing was changed
     * @throws StorageException.Corrupted if a part of it is damaged or missing
     * @throws StorageException.Failed if reading or writing it failed
     */
    public static DataDirectory open(Request request, FirstOpening first) throws IOException {
        try {
            return new Opening(request, first).open();
        } catch (IOException e) {
            throw Faults.explain(request.directory(), e);
        } catch (ReadOnlyFileSystemException e) {
            throw Faults.explain(request.directory(), e);
        }
    }

    /** What an error means that came up while what is in this directory was opened, and what to do about it. */
    public StorageException explain(IOException e) {
        return Faults.explain(layout.root(), e);
    }

    /** The storage's own directory: that of its node, if it has one. Its real path. */
    public Path root() {
        return layout.root();
    }

    /** Where the backend keeps its files. */
    public Path data() {
        return layout.data();
    }

    /** Where storage keeps snapshot files. */
    public Path snapshots() {
        return layout.snapshots();
    }

    /** Identity of this storage, random, the same for ever. */
    public UUID storageId() {
        return identity.storageId();
    }

    /** Highest change that is known to have been acknowledged before this opening; 0 if none is. */
    public long provenSequence() {
        return provenSequence;
    }

    /** Whether its last user closed it and nothing has changed since; so too for a new one, and without a mark. */
    public boolean endedCleanly() {
        return endedCleanly;
    }

    /** Whether this opening made the storage. */
    public boolean created() {
        return created;
    }

    /** What was found damaged in the mark and is replaced by the next writes of it; mostly empty. */
    public List<Repair> repairs() {
        return mark == null ? List.of() : mark.repairs();
    }

    /**
     * Compares what the backend loaded with the mark (rule DAMAGE-2).
     *
     * @param sequence of the last change that was loaded
     * @throws StorageException.Corrupted if acknowledged changes are missing, or the storage is not as it was closed
     */
    public void checkLoaded(long sequence) throws StorageException {
        if (mark == null) {
            return;
        }
        if (sequence < provenSequence) {
            throw new StorageException.Corrupted(
                    layout.data() + " ends at change " + sequence + ", but MARK proves that change "
                            + provenSequence + " was acknowledged: " + (provenSequence - sequence)
                            + " changes are missing. Files in it are old, cut off, or gone. Do not start this server on"
                            + " it. " + Damage.REMEDY);
        }
        if (endedCleanly && sequence != provenSequence) {
            throw new StorageException.Corrupted(
                    layout.data() + " ends at change " + sequence + ", but by MARK the storage was"
                            + " closed at change " + provenSequence
                            + ": MARK and data are not of the same moment. " + Damage.REMEDY);
        }
    }

    /** Notes durably that changes begin: from now on the end is not clean. To be called before every change; cheap. */
    public void beginChanges() throws IOException {
        if (mark == null) {
            return;
        }
        proveIdentity();
        mark.beginChanges();
    }

    /**
     * Notes durably that this change, and every one before it, is acknowledged. Waits for the disk: not for the path of a
     * commit.
     *
     * @param sequence of a change that is durable
     * @throws StorageException.Failed if it could not be written; from then on every call of these three fails
     */
    public void mark(long sequence) throws IOException {
        if (mark != null) {
            proveIdentity();
            mark.mark(sequence);
        }
    }

    /**
     * Notes durably that the storage ended in good order.
     *
     * @param sequence of the last change; the backend is closed and holds nothing back
     */
    public void markCleanEnd(long sequence) throws IOException {
        if (mark != null) {
            proveIdentity();
            mark.markCleanEnd(sequence);
        }
    }

    /** Lets go of the directory. Writes nothing, so it may be called after any failure. Calling it again does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (mark != null) {
                mark.close();
            }
        } catch (IOException e) {
            return; // every mark was forced when it was written; the lock goes in any case
        } finally {
            lock.release();
        }
    }

    /**
     * Writes IDENTITY again before the first change ever. The opening that created it may have failed to force the rename,
     * and what is seen now may be the page cache: after a power cut IDENTITY.tmp would be back, and with it the claim that
     * nothing was acknowledged.
     */
    private void proveIdentity() throws IOException {
        if (!identityProven) {
            writeIdentityAgain();
        }
    }

    private synchronized void writeIdentityAgain() throws IOException {
        if (!identityProven) {
            try {
                StableFile.createDirectories(layout.root());
                StableFile.replace(layout.identity(), identity.encode());
            } catch (IOException e) {
                throw new StorageException.Failed(
                        layout.identity() + " could not be written: " + e.getMessage()
                                + ". Nothing was acknowledged. Mend the disk, then open the storage again",
                        e);
            }
            identityProven = true;
        }
    }
}
