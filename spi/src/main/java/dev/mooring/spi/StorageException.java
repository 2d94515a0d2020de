// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * Something is wrong with the storage, its directory or its configuration. The kinds differ by what the operator or the
 * engine does next. A caller's own mistake is an {@link IllegalArgumentException} instead.
 */
public abstract sealed class StorageException extends IOException {

    private static final long serialVersionUID = 1L;

    private StorageException(String message) {
        super(message);
    }

    private StorageException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What happened and what to do next, to which file, group and index as far as that is known; never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /**
     * What an error says, for the message of another one. Those of the operating system often say but the path and leave
     * the rest to their type.
     *
     * @param cause any error
     * @return one sentence without its end
     */
    public static String reasonOf(Throwable cause) {
        if (cause instanceof FileSystemException system && system.getReason() == null) {
            return system.getFile() + ": " + words(system);
        }
        return cause instanceof IOException && cause.getMessage() != null ? cause.getMessage() : cause.toString();
    }

    private static String words(FileSystemException system) {
        if (system instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (system instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (system instanceof NotDirectoryException) {
            return "not a directory";
        }
        return system instanceof FileAlreadyExistsException
                ? "it is there already"
                : system.getClass().getSimpleName();
    }

    /** Somebody else has the directory open. Wait, or stop the holder that the message names. */
    public static final class Locked extends StorageException {
        private static final long serialVersionUID = 1L;

        /**
         * Says who holds the directory, and what to do.
         *
         * @param message what happened to what, and what to do next
         */
        public Locked(String message) {
            super(message);
        }

        /**
         * Says who holds the directory, and what to do.
         *
         * @param message what happened to what, and what to do next
         * @param cause what led to it
         */
        public Locked(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Configuration, directory or format does not fit; nothing was changed. Mend what the message names. */
    public static final class Refused extends StorageException {
        private static final long serialVersionUID = 1L;

        /**
         * Says what does not fit, where it was set, and what to write instead.
         *
         * @param message what happened to what, and what to do next
         */
        public Refused(String message) {
            super(message);
        }

        /**
         * Says what does not fit, where it was set, and what to write instead.
         *
         * @param message what happened to what, and what to do next
         * @param cause what led to it
         */
        public Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * A write or sync failed, or the storage is closed: what the disk holds beyond the durable index is unknown, and
     * nothing more will be written. Mend the disk, then reopen.
     */
    public static final class Failed extends StorageException {
        private static final long serialVersionUID = 1L;

        /**
         * Says what failed, and what to mend before the storage is opened again.
         *
         * @param message what happened to what, and what to do next
         */
        public Failed(String message) {
            super(message);
        }

        /**
         * Says what failed, and what to mend before the storage is opened again.
         *
         * @param message what happened to what, and what to do next
         * @param cause what led to it
         */
        public Failed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Acknowledged data is damaged or missing. Rebuild this server from its peers; only where no majority is whole, put back a backup. */
    public static final class Corrupted extends StorageException {
        private static final long serialVersionUID = 1L;

        /**
         * Says which file, offset, group or entries are damaged, and what to do.
         *
         * @param message what happened to what, and what to do next
         */
        public Corrupted(String message) {
            super(message);
        }

        /**
         * Says which file, offset, group or entries are damaged, and what to do.
         *
         * @param message what happened to what, and what to do next
         * @param cause what led to it
         */
        public Corrupted(String message, Throwable cause) {
            super(message, cause);
        }

        /**
         * Names the place of the damage.
         *
         * @param file the damaged file
         * @param offset where the damage begins, in bytes
         * @param description what was found, and what to do
         * @return the exception, to be thrown
         */
        public static Corrupted at(Path file, long offset, String description) {
            return new Corrupted(file + " at offset " + offset + ": " + description);
        }
    }

    /** The entries asked for were released behind a snapshot. Send the snapshot instead. */
    public static final class Compacted extends StorageException {
        private static final long serialVersionUID = 1L;

        /** What {@link #firstIndex()} answers. */
        private final long firstIndex;

        /**
         * Says which entries were released, and the oldest that is left.
         *
         * @param message what happened to what, and what to do next
         * @param firstIndex index of the oldest entry that the log still holds
         */
        public Compacted(String message, long firstIndex) {
            super(message);
            this.firstIndex = firstIndex;
        }

        /**
         * Index of the oldest entry that the log still held when this was thrown.
         *
         * @return that index
         */
        public long firstIndex() {
            return firstIndex;
        }
    }
}
