// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import dev.mooring.cli.terminal.Screen;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Ends the servers and removes a temporary directory, once: at the end of the demonstration, or when it is interrupted.
 * A SIGKILL leaves no time for it; then the servers end because their standard input does.
 */
final class Cleanup implements AutoCloseable {

    private final DataDirectory data;
    private final Screen screen;
    private final Thread hook = new Thread(this::atShutdown, "cleanup");
    private @Nullable Cluster cluster; // guarded by this
    private boolean keepData; // guarded by this
    private boolean done; // guarded by this
    private volatile boolean interrupted;

    Cleanup(DataDirectory data, Screen screen) {
        this.data = data;
        this.screen = screen;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The servers to end. */
    synchronized void servers(Cluster current) {
        cluster = current;
        if (done) {
            throw new DemoFailure("The demonstration was ended");
        }
    }

    /** Whether even a temporary directory stays, for somebody to look into. */
    synchronized void keepData(boolean keep) {
        keepData = keep;
    }

    /** Whether the program is being ended from outside, so that whatever fails now is no failure. */
    boolean interrupted() {
        return interrupted;
    }

    @Override
    public void close() throws IOException {
        try {
            clean();
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                hook.interrupt(); // the JVM is going down, and the hook finds everything done
            }
        }
    }

    private synchronized void clean() throws IOException {
        if (done) {
            return;
        }
        done = true;
        Cluster current = cluster;
        if (current != null) {
            current.close();
        }
        if (data.isTemporary() && !keepData) {
            data.remove();
        } else {
            data.close();
        }
    }

    private void atShutdown() {
        interrupted = true;
        screen.finish();
        try {
            clean();
        } catch (IOException e) {
            System.err.println("Not all of " + data.path() + " could be removed: " + e);
        }
    }
}
