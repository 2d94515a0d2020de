// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.StorageException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether a storage may be used: it is open, it was closed, or it has failed, which is for good. Says so to whoever must
 * know. Every method is called with the lock of the {@link CommitQueue} held.
 */
final class Usability {

    private final Path root;
    private boolean closed;
    private boolean told; // somebody outside has been told of the failure
    private @Nullable Throwable failure;
    private @Nullable String failedWhile;

    Usability(Path root) {
        this.root = root;
    }

    /** Refuses a change after a failure or once closed. */
    void checkWritable() throws StorageException {
        checkNotFailed();
        checkOpen();
    }

    /** Refuses everything once closed. */
    void checkOpen() throws StorageException {
        if (closed) {
            throw closed();
        }
    }

    /** Refuses what needs the disk once storage has failed; the caller is told why, and so somebody is. */
    void checkNotFailed() throws StorageException {
        if (failure != null) {
            told = true;
            throw failed(failure);
        }
    }

    /** As {@link #checkNotFailed}, if nobody has been told yet. */
    void checkNotFailedUntold() throws StorageException {
        if (!told) {
            checkNotFailed();
        }
    }

    void close() {
        closed = true;
    }

    /**
     * From now on nothing is written; the first cause stays. Whether this is the first.
     *
     * @param doing with which groups and entries, such as "saving group 'g' entry 7"; null if that is not known
     */
    boolean fail(Throwable cause, @Nullable String doing) {
        if (failure != null) {
            return false;
        }
        failure = cause;
        failedWhile = doing;
        return true;
    }

    /** Somebody outside knows of the failure. */
    void told() {
        told = true;
    }

    boolean hasFailed() {
        return failure != null;
    }

    /** What callers are told once it is closed. */
    StorageException closed() {
        return new StorageException.Failed("The storage in " + root + " is closed; open it again");
    }

    /** What callers are told once it has failed. */
    StorageException failed() {
        if (failure == null) {
            throw new IllegalStateException("it has not failed");
        }
        return failed(failure);
    }

    private StorageException failed(Throwable cause) {
        // a storage error says itself what to do
        String advice =
                cause instanceof StorageException ? "" : ". Mend what the cause names, then open the storage again";
        return new StorageException.Failed(
                "The storage in " + root
                        + " has failed" + (failedWhile == null ? " and" : " while " + failedWhile + ", and")
                        + " writes nothing more; what is beyond the durable index may be lost"
                        + advice + ": " + StorageException.reasonOf(cause),
                cause);
    }
}
