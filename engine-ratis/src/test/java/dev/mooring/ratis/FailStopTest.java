// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.ratis.util.LifeCycle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operator is told, and that the division closes whatever the state machine does. */
class FailStopTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path root;

    @Test
    void theAdviceFitsWhatHasHappened() {
        assertThat(FailStop.whatToDo(new IOException("No space left on device")))
                .contains("is safe")
                .contains("restart the server");
        assertThat(FailStop.whatToDo(new StorageException.Corrupted("entry 5")))
                .doesNotContain("safe")
                .contains("replace this server");
        assertThat(FailStop.whatToDo(new IllegalArgumentException("rule LOG-9")))
                .contains("report this");
    }

    /** A division that lives on with a dead log is what this is there to prevent. */
    @Test
    void anErrorOfTheStateMachineDoesNotKeepTheDivisionOpen() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.open();
            server.servers.counter("n1").failsWhenTold = true;
            server.term(1);
            server.provider().fail(new IOException("No space left on device"));
            try {
                server.append(IdleServer.entries(1, 0, 0));
            } catch (Exception expected) {
                // it fails; what counts is what becomes of the division
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> server.division().getInfo().getLifeCycleState() == LifeCycle.State.CLOSED);
        }
    }

    /** A leader that can not commit must not lead on while its state machine makes up its mind. */
    @Test
    void aStateMachineThatTakesLongToHearOfItDoesNotKeepTheDivisionOpen() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.open();
            server.term(1);
            CounterStateMachine counter = server.servers.counter("n1");
            CountDownLatch hears = new CountDownLatch(1);
            counter.hears = hears;
            try {
                fail(server);

                awaitState(server, LifeCycle.State.CLOSED);
                await().atMost(PATIENCE).until(() -> counter.logFailure != null);
            } finally {
                hears.countDown();
            }
        }
    }

    @Test
    void aDivisionThatTakesLongToCloseDoesNotKeepTheStateMachineFromHearingOfIt() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.open();
            server.term(1);
            CounterStateMachine counter = server.servers.counter("n1");
            CountDownLatch closes = new CountDownLatch(1);
            counter.closes = closes;
            try {
                fail(server);

                awaitState(server, LifeCycle.State.CLOSING);
                await().atMost(PATIENCE).until(() -> counter.logFailure != null);
            } finally {
                closes.countDown();
            }
            awaitState(server, LifeCycle.State.CLOSED);
        }
    }

    /** A system that has no thread left must find the one that closes the division. */
    @Test
    void theThreadThatClosesTheDivisionIsThereBeforeAnythingFails() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.open();
            String name = server.division().getMemberId() + "-fail-stop";
            assertThat(threads(name))
                    .singleElement()
                    .satisfies(thread -> assertThat(thread.isDaemon()).isTrue());

            server.servers.stop("n1");

            await().atMost(PATIENCE).until(() -> threads(name).isEmpty());
        }
    }

    private static void fail(IdleServer server) {
        server.provider().fail(new IOException("No space left on device"));
        try {
            server.term(2);
        } catch (IOException | RuntimeException expected) {
            // it fails; what counts is what becomes of the division
        }
    }

    private static void awaitState(IdleServer server, LifeCycle.State state) {
        await().atMost(PATIENCE).until(() -> server.division().getInfo().getLifeCycleState() == state);
    }

    private static List<Thread> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .toList();
    }
}
