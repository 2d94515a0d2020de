// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

/** Waiting for threads in spite of interrupts. */
final class Threads {

    private Threads() {}

    static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
