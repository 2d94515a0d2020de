// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import jetbrains.exodus.OutOfDiskSpaceException;
import jetbrains.exodus.io.StorageTypeNotAllowedException;

/** Says in our words what Xodus says in its own. */
final class Faults {

    static final String WHAT_TO_DO =
            ". Put the whole directory back from one backup, or rebuild this server from its peers";

    private Faults() {}

    /** What went wrong while Xodus wrote. */
    static IOException writing(Path directory, String what, Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof StorageException known) {
                return known;
            }
            if (cause instanceof OutOfDiskSpaceException) {
                return new IOException(
                        directory + ": " + what + ": the disk is full. Free space, then open the storage again", e);
            }
        }
        return new IOException(directory + ": " + what + ": " + causeOf(e), e);
    }

    /** What went wrong while Xodus read: if it was not the file system, the bytes make no sense. */
    static IOException reading(Path directory, String what, Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof StorageTypeNotAllowedException) {
                return new StorageException.Refused(
                        directory + ": " + what + ": " + cause.getMessage() + ". Choose a local disk", e);
            }
            if (cause instanceof IOException io) {
                return cause instanceof StorageException ? io : new IOException(directory + ": " + what + ": " + io, e);
            }
        }
        return new StorageException.Corrupted(
                directory + ": " + what + ": Xodus found damage: " + causeOf(e) + WHAT_TO_DO, e);
    }

    private static String causeOf(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.equals(e) ? e.toString() : e + ", caused by " + root;
    }
}
