// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.Env;
import org.lmdbjava.LmdbException;
import org.lmdbjava.LmdbNativeException;
import org.lmdbjava.Txn;

/** Says in our words what LMDB says in its own. */
final class Faults {

    static final String WHAT_TO_DO =
            ". Rebuild this server from its peers; only where no majority is whole, put the whole"
                    + " directory back from one backup";

    /** With less than this left on the disk, an unexplained I/O error is that of a full disk. */
    private static final long ALMOST_FULL_BYTES = 1 << 20;

    private Faults() {}

    static IOException explain(Path directory, String what, LmdbException e) {
        if (isDamage(e)) {
            return new StorageException.Corrupted(
                    directory + ": " + what + ": LMDB found damage: " + e.getMessage() + WHAT_TO_DO, e);
        }
        if (isDiskFull(directory, e)) {
            return new IOException(directory + ": " + what + ": the disk is full", e);
        }
        return new IOException(directory + ": " + what + ": " + e.getMessage(), e);
    }

    /** Of Java's own writing. */
    static IOException explain(Path directory, String what, IOException e) {
        String message = StorageException.reasonOf(e);
        boolean full = message.contains("No space left") || message.contains("quota exceeded");
        return new IOException(directory + ": " + what + ": " + (full ? "the disk is full" : message), e);
    }

    private static boolean isDamage(LmdbException e) {
        boolean isNative = e instanceof LmdbNativeException;
        return !isNative // a length that no value can have, or an order of keys that is not ours
                || e instanceof LmdbNativeException.PageCorruptedException
                || e instanceof LmdbNativeException.PageNotFoundException
                || e instanceof Env.FileInvalidException
                || e instanceof Env.VersionMismatchException
                || e instanceof Cursor.FullException
                || e instanceof Dbi.KeyExistsException
                || e instanceof Dbi.IncompatibleException
                || e instanceof Txn.BadException;
    }

    /** When a write ends short because the disk is full, LMDB says EIO, as for a broken disk. */
    private static boolean isDiskFull(Path directory, LmdbException e) {
        String message = String.valueOf(e.getMessage()).toUpperCase(Locale.ROOT);
        if (message.contains("ENOSPC") || message.contains("EDQUOT")) {
            return true;
        }
        try {
            return message.contains("EIO") && Files.getFileStore(directory).getUsableSpace() < ALMOST_FULL_BYTES;
        } catch (IOException unknown) {
            e.addSuppressed(unknown);
            return false;
        }
    }
}
