// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A process that would like to open a storage: says whether it could have its lock. */
final class LockProbe {

    private LockProbe() {}

    public static void main(String[] args) throws IOException {
        try (FileChannel lock = FileChannel.open(Path.of(args[0], "LOCK"), StandardOpenOption.WRITE)) {
            System.exit(lock.tryLock() == null ? 0 : 1);
        }
    }

    /** Whether another process than this one is kept out of a storage's directory. */
    static boolean isLocked(Path storage) {
        try {
            return new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    LockProbe.class.getName(),
                                    storage.toString())
                            .inheritIO()
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
