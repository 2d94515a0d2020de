// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.StorageBackend;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@link Oddity#KEEPS_HOUSE_IN_THE_BACKGROUND}. */
final class Housekeeping extends Wrapper {

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::keepHouse, "odd-housekeeping");

    Housekeeping(StorageBackend wrapped) {
        super(wrapped);
        thread.setDaemon(true);
        thread.start();
    }

    private void keepHouse() {
        try {
            while (!closed.await(1, TimeUnit.MILLISECONDS)) {
                Thread.onSpinWait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        closed.countDown();
        boolean interrupted = Thread.interrupted();
        while (thread.isAlive()) {
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
