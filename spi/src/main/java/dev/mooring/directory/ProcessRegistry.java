// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The directories that this process has open, whichever class loader opened them: one system property each, the only
 * place that copies of this class share. The key is the directory's file key, so that links and other spellings of a path
 * are the same directory; where there is none, as on Windows, the real path.
 */
final class ProcessRegistry {

    private static final String PREFIX = "dev.mooring.directory.";

    private ProcessRegistry() {}

    static String key(Path root) throws IOException {
        Object fileKey = Files.readAttributes(root, BasicFileAttributes.class).fileKey();
        Object key = fileKey == null ? root.toRealPath() : fileKey;
        FileSystem fileSystem = root.getFileSystem();
        // a key means something only within its own file system, and a simulated one may use those of the real one
        String space = fileSystem.equals(FileSystems.getDefault())
                ? ""
                : fileSystem.provider().getScheme() + System.identityHashCode(fileSystem) + ":";
        return PREFIX + space + key;
    }

    /** Enters a directory; returns the entry that is there already, null if there was none. */
    static @Nullable String enter(String key, String entry) {
        return (String) System.getProperties().putIfAbsent(key, entry);
    }

    static void leave(String key, String entry) {
        System.getProperties().remove(key, entry);
    }
}
