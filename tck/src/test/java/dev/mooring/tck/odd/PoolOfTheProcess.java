// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.StorageBackend;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** {@link Oddity#GROWS_A_POOL_OF_THE_PROCESS}. */
final class PoolOfTheProcess extends Wrapper {

    private static final int OPENINGS_FOR_ONE_MORE = 5;
    private static final int MOST_THREADS = 50;
    private static final AtomicInteger OPENINGS = new AtomicInteger();

    PoolOfTheProcess(StorageBackend wrapped) {
        super(wrapped);
        int number = OPENINGS.incrementAndGet();
        if (number % OPENINGS_FOR_ONE_MORE == 0 && number / OPENINGS_FOR_ONE_MORE <= MOST_THREADS) {
            Thread thread = new Thread(PoolOfTheProcess::serve, "odd-pool-" + number / OPENINGS_FOR_ONE_MORE);
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void serve() {
        while (true) {
            LockSupport.park();
        }
    }
}
