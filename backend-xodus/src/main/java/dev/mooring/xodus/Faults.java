// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jetbrains.exodus.InvalidSettingException;
import org.jspecify.annotations.Nullable;

/** Says in our words what went wrong in Xodus, whose own exceptions say little. */
final class Faults {

    static final String WHAT_TO_DO =
            ". Rebuild this server from its peers; only where no majority is whole, put the whole"
                    + " directory back from one backup";

    /** With less than this left on the disk, a write has failed because it is full. */
    private static final long ALMOST_FULL_BYTES = 1 << 20;

    private Faults() {}

    /** What went wrong while Xodus wrote. */
    static IOException writing(Path directory, String what, Throwable e) {
        IOException io = ioOf(e);
        if (io instanceof StorageException known) {
            return known;
        }
        if (io != null && isFull(directory, io)) {
            return new IOException(directory + ": " + what + ": the disk is full", e);
        }
        return new IOException(
                directory + ": " + what + ": " + (io == null ? causeOf(e) : StorageException.reasonOf(io)), e);
    }

    /** What went wrong while Xodus read: if it was not the file system, the bytes make no sense. */
    static IOException reading(Path directory, String what, Throwable e) {
        IOException io = ioOf(e);
        if (io instanceof StorageException known) {
            return known;
        }
        if (io != null) {
            return new IOException(directory + ": " + what + ": " + StorageException.reasonOf(io), e);
        }
        if (e instanceof InvalidSettingException) {
            return new StorageException.Refused(
                    directory + ": " + what + ": Xodus does not take a setting: " + e.getMessage()
                            + ". Remove the mooring.xodus options that are set, one by one",
                    e);
        }
        return new StorageException.Corrupted(
                directory + ": " + what + ": Xodus found damage: " + causeOf(e) + WHAT_TO_DO, e);
    }

    private static @Nullable IOException ioOf(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException io) {
                return io;
            }
        }
        return null;
    }

    private static boolean isFull(Path directory, IOException e) {
        try {
            return String.valueOf(e.getMessage()).contains("No space left")
                    || Files.getFileStore(directory).getUsableSpace() < ALMOST_FULL_BYTES;
        } catch (IOException unknown) {
            e.addSuppressed(unknown);
            return false;
        }
    }

    private static String causeOf(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.equals(e) ? e.toString() : e + ", caused by " + root;
    }
}
