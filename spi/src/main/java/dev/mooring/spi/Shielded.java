// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Does what an interrupt of the caller must not reach, such as loading a native library: it is unpacked through channels
 * that an interrupt closes, and a class whose initialisation has failed once is of no use for the rest of the JVM's life.
 */
public final class Shielded {

    private Shielded() {}

    /**
     * Makes a call on a thread of its own and waits for its end, whoever interrupts meanwhile; a caller that was interrupted
     * before or during the call is so afterwards. For what is done rarely: it costs a thread.
     *
     * @param <T> what the call returns
     * @param name of the thread, which ends with the call
     * @param call what to do; a checked exception of its that is no {@code IOException} is wrapped in one
     * @return what the call returned
     * @throws IOException what the call threw, as is what it threw unchecked
     */
    public static <T> T call(String name, Callable<T> call) throws IOException {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = new Thread(null, task, name, 0, false); // no thread locals of the caller's
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    thread.join(); // to its end, so that none is left behind
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Error error) {
                throw error;
            }
            if (cause instanceof RuntimeException exception) {
                throw exception;
            }
            throw cause instanceof IOException exception ? exception : new IOException(cause);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
