// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A read of all of group {@code g} that stays in its visitor, at the first entry, until a verb has had the time to wait for it. */
final class HeldRead {

    private static final long VERB_IS_WAITING_MILLIS = 200;

    private final CountDownLatch reading = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger visited = new AtomicInteger();
    private final AtomicBoolean verbReturned = new AtomicBoolean();
    private final Failures failures = new Failures();
    private final Thread reader;

    private HeldRead(BareStorage storage, long last) {
        reader = failures.start(
                "reader",
                () -> storage.backend().read("g", 0, last, entry -> {
                    if (visited.getAndIncrement() == 0) {
                        reading.countDown();
                        awaitQuietly(goOn);
                    }
                    Check.that(!verbReturned.get(), () -> "a read went on to " + entry.index() + " afterwards");
                    ReadRules.intact(entry);
                    return true;
                }));
    }

    /** Runs a verb beside such a read, and says how many entries that visited. The verb must not return before it. */
    static int outlastedBy(String name, BareStorage storage, long last, Failures.Body verb)
            throws InterruptedException {
        HeldRead read = new HeldRead(storage, last);
        Check.that(
                read.reading.await(60, TimeUnit.SECONDS),
                () -> "a read of 0.." + last + " visited nothing within a minute");
        Thread waiting = read.failures.start(name, () -> {
            verb.run();
            read.verbReturned.set(true);
        });
        waiting.join(VERB_IS_WAITING_MILLIS);
        boolean waited = waiting.isAlive() || !read.failures.none();
        read.goOn.countDown();
        Check.that(waited, () -> name + " returned while a read was running");
        read.failures.join(List.of(read.reader, waiting));
        return read.visited.get();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
