// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Says where a check stands that takes very long: a backend that waits for something that never comes would end the kit
 * without a word. Nothing is judged, for a slow backend is no broken one.
 */
final class HangWatch implements AutoCloseable {

    private static final long PATIENCE_MINUTES = 10;
    private static final long PATIENCE_MINUTES_EXHAUSTIVE = 60;

    private final CountDownLatch ended = new CountDownLatch(1);

    private HangWatch() {}

    static HangWatch over(String check, boolean exhaustive) {
        HangWatch watch = new HangWatch();
        long minutes = exhaustive ? PATIENCE_MINUTES_EXHAUSTIVE : PATIENCE_MINUTES;
        Thread thread = new Thread(() -> watch.watch(check, minutes), "mooring-tck-watch");
        thread.setDaemon(true);
        thread.start();
        return watch;
    }

    private void watch(String check, long minutes) {
        try {
            for (long after = minutes; !ended.await(minutes, TimeUnit.MINUTES); after += minutes) {
                System.err.println(describe(check, after));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The check, and what every thread is doing. */
    static String describe(String check, long minutes) {
        StringBuilder text = new StringBuilder(check + " has been running for " + minutes
                + " minutes. Either the backend is slow, or it waits for something that does not come:\n");
        for (Map.Entry<Thread, StackTraceElement[]> thread :
                Thread.getAllStackTraces().entrySet()) {
            text.append(thread.getKey()).append('\n');
            for (StackTraceElement frame : thread.getValue()) {
                text.append("    at ").append(frame).append('\n');
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        ended.countDown();
    }
}
