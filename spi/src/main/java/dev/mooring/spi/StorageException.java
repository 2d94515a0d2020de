// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;
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

    /** What happened to which group, index and file, and what to do next; never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** Somebody else has the directory open. Wait, or stop the holder that the message names. */
    public static final class Locked extends StorageException {
        private static final long serialVersionUID = 1L;

        public Locked(String message) {
            super(message);
        }

        public Locked(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Configuration, directory or format does not fit; nothing was changed. Mend what the message names. */
    public static final class Refused extends StorageException {
        private static final long serialVersionUID = 1L;

        public Refused(String message) {
            super(message);
        }

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

        public Failed(String message) {
            super(message);
        }

        public Failed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Acknowledged data is damaged or missing. Repair from a backup, or rebuild this server from its peers. */
    public static final class Corrupted extends StorageException {
        private static final long serialVersionUID = 1L;

        public Corrupted(String message) {
            super(message);
        }

        public Corrupted(String message, Throwable cause) {
            super(message, cause);
        }

        /** Names the place of the damage. */
        public static Corrupted at(Path file, long offset, String description) {
            return new Corrupted(file + " at offset " + offset + ": " + description);
        }
    }

    /** The entries asked for were released behind a snapshot. Send the snapshot instead. */
    public static final class Compacted extends StorageException {
        private static final long serialVersionUID = 1L;

        private final long firstIndex;

        public Compacted(String message, long firstIndex) {
            super(message);
            this.firstIndex = firstIndex;
        }

        /** Index of the oldest entry that the log still held when this was thrown. */
        public long firstIndex() {
            return firstIndex;
        }
    }
}
