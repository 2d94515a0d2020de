// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.Shielded;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;

/** Loads RocksDB's library, and says what to do where that fails. */
final class NativeLibrary {

    // RocksDB forgets why, and a second call would wait ten seconds for the first to end
    private static @Nullable String failure;

    private NativeLibrary() {}

    /** On a thread of its own: RocksDB's loader loses an interrupt. */
    static synchronized void load() throws StorageException {
        if (failure != null) {
            throw new StorageException.Refused(failure);
        }
        try {
            Shielded.call("mooring-rocksdb-loader", () -> {
                RocksDB.loadLibrary();
                return true;
            });
        } catch (LinkageError | RuntimeException | IOException e) {
            Throwable root = rootOf(e);
            String message = refused(root);
            if (!(root instanceof IOException)) { // after one RocksDB tries again
                failure = message;
            }
            throw new StorageException.Refused(message, e);
        }
    }

    private static String refused(Throwable root) {
        return "RocksDB's native library can not be loaded on " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + ": " + root
                + ". If native access is denied, start java with --enable-native-access=ALL-UNNAMED;"
                + " if the temporary directory forbids execution, set ROCKSDB_SHAREDLIB_DIR to one that does not;"
                + " if libstdc++.so.6 or libgcc_s.so.1 is missing, install it ('apk add libstdc++' on Alpine);"
                + " on a platform that the jar does not cover, choose another backend such as 'files'";
    }

    private static Throwable rootOf(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }
}
