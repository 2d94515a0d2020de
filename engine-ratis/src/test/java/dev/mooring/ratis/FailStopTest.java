// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.ratis.util.LifeCycle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operator is told, and that the division closes whatever the state machine does. */
class FailStopTest {

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
}
