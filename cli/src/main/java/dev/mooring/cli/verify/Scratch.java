// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.verify;

import dev.mooring.cli.copy.FileTree;
import dev.mooring.cli.copy.Source;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A directory for the copy, for its owner only; removed at the end, or when the command is interrupted. */
final class Scratch implements AutoCloseable {

    private static final String PREFIX = "mooring-verify-";
    private static final long PATIENCE_SECONDS = 5;
    private static final long FULL_BYTES = 1 << 20; // less than that is left on a disk that is full

    private final Path path;
    private final Screen screen;
    private final Thread user = Thread.currentThread();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::atShutdown, "scratch");

    private Scratch(Path path, Screen screen) {
        this.path = path;
        this.screen = screen;
    }

    /** Makes one in a directory that is there, and not in the source. */
    static Scratch in(Path parent, Source source, Screen screen) throws IOException {
        if (!Files.isDirectory(parent)) {
            throw new UserError(parent + " is no directory. Give one that has room for a copy with --work");
        }
        Path real = parent.toRealPath();
        if (source.holds(real)) {
            throw new UserError("--work " + real + " lies in the storage " + source.directory()
                    + ". Choose a directory outside of it");
        }
        Scratch scratch = new Scratch(Files.createTempDirectory(real, PREFIX), screen);
        try {
            Runtime.getRuntime().addShutdownHook(scratch.hook);
        } catch (IllegalStateException e) { // the JVM is going down already
            FileTree.delete(scratch.path);
            throw new UserError("Interrupted; " + source.directory() + " is as it was", e);
        }
        return scratch;
    }

    Path path() {
        return path;
    }

    boolean isFull() throws IOException {
        return Files.getFileStore(path).getUsableSpace() < FULL_BYTES;
    }

    @Override
    public void close() throws IOException {
        try {
            FileTree.delete(path);
        } finally {
            closed.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the JVM is going down
            }
        }
    }

    /** Ends the copying or the reading first: the one would bring back what is deleted, the other would miss it. */
    private void atShutdown() {
        screen.finish();
        user.interrupt();
        try {
            if (!closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                FileTree.delete(path);
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("Not all of " + path + " could be removed: " + e);
        }
    }
}
