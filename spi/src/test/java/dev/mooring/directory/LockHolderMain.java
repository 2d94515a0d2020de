// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import java.io.IOException;
import java.nio.file.Path;

/** A process that opens a directory, says so, and keeps it until its input ends; or says why it was refused. */
final class LockHolderMain {

    private LockHolderMain() {}

    public static void main(String[] arguments) throws IOException {
        try (DataDirectory opened = Fixture.open(Path.of(arguments[0]))) {
            System.out.println("open");
            while (System.in.read() >= 0) {
                opened.beginChanges();
            }
        } catch (IOException e) {
            System.out.println(e);
        }
    }
}
