// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Asks again and again until there is an answer. */
final class Await {

    private static final Duration PAUSE = Duration.ofMillis(20);

    private Await() {}

    /** A question that may have no answer yet. */
    interface Question<T> {
        Optional<T> ask() throws InterruptedException;
    }

    /**
     * The first answer that is not empty.
     *
     * @param what what is waited for, completing the sentence "waited 30 s for ..."
     * @throws DemoFailure if there is none in time
     */
    static <T> T answer(String what, Duration limit, Question<T> question) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<T> answer = question.ask();
            if (answer.isPresent()) {
                return answer.get();
            }
            if (System.nanoTime() - deadline > 0) {
                throw new DemoFailure("Waited " + limit.toSeconds() + " s for " + what + ", in vain");
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }

    /** The result of a future that is done. */
    static <T> T done(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
