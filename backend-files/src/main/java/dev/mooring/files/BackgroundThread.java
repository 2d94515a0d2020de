// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import org.jspecify.annotations.Nullable;

/** Runs a round of housekeeping on a thread that lives as long as the round. */
final class BackgroundThread implements Housekeeper.Background {

    private final String name;
    private @Nullable Thread latest;

    BackgroundThread(String name) {
        this.name = name;
    }

    @Override
    public void run(Runnable round) {
        Thread thread = new Thread(round, name);
        thread.setDaemon(true);
        latest = thread;
        thread.start();
    }

    @Override
    public void awaitEnd() {
        Thread thread = latest;
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
