// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A process that opens a directory, says so, and keeps it until its input ends; or says why it was refused. */
final class LockHolderMain {

    static final String ONLY_LOCK = "only-lock";

    private LockHolderMain() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 1 && arguments[1].equals(ONLY_LOCK)) {
            lock(Path.of(arguments[0], "LOCK"));
            return;
        }
        try (DataDirectory opened = Fixture.open(Path.of(arguments[0]))) {
            System.out.println("open");
            while (System.in.read() >= 0) {
                opened.beginChanges();
            }
        } catch (IOException e) {
            System.out.println(e);
        }
    }

    private static void lock(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            System.out.println(channel.tryLock() == null ? "refused" : "locked");
            while (System.in.read() >= 0) {
                // until its input ends
            }
        }
    }
}
