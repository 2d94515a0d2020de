// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** A process that would like to open a storage: says whether it could have its lock. */
public final class LockProbe {

    private LockProbe() {}

    public static void main(String[] args) throws IOException {
        try (FileChannel lock = FileChannel.open(Path.of(args[0], "LOCK"), StandardOpenOption.WRITE)) {
            System.exit(lock.tryLock() == null ? 0 : 1);
        }
    }

    /** Whether another process than this one is kept out of a storage's directory. */
    public static boolean isLocked(Path storage) {
        try {
            return java(LockProbe.class, storage).inheritIO().start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static ProcessBuilder java(Class<?> main, Path storage) {
        return new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                storage.toString());
    }

    /** Another process that has a storage open. */
    static final class Server implements AutoCloseable {

        private final Process process;

        private Server(Process process) {
            this.process = process;
        }

        static Server on(Path storage) throws IOException {
            Process process = java(Server.class, storage)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (process.getInputStream().read() < 0) {
                throw new AssertionError("the storage could not be opened");
            }
            return new Server(process);
        }

        public static void main(String[] args) throws IOException {
            StorageConfig config =
                    StorageConfig.of(Map.of("mooring.backend", "files")).withDirectory(Path.of(args[0]));
            try (RaftStorage open = RaftStorage.open(config)) {
                System.out.println(open.backend());
                System.out.flush();
                System.in.read(); // until this side closes it
            }
        }

        long pid() {
            return process.pid();
        }

        @Override
        public void close() throws IOException {
            process.getOutputStream().close();
            process.onExit().join();
        }
    }
}
