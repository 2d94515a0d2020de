// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another program may take a port between the choice and the start of a server, or while the server is dead. */
class PortClashIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void aServerWhosePortIsTakenSaysSoAndIsStartedAgainWhenItIsFree() throws Exception {
        List<Integer> ports = Ports.free(3, new Random());
        ServerArguments arguments = new ServerArguments("n2", directory.resolve("n2"), "files", new Members(ports));
        Path log = directory.resolve("n2.log");
        try (ServerSocket other = new ServerSocket()) {
            other.bind(Ports.address(ports.get(1)));
            ServerProcess refused = ServerProcess.start(arguments, log);
            assertThat(refused.awaitReady(LIMIT)).isFalse();
            refused.awaitEnd();
            assertThat(Ports.free(1, onlyPort(ports.get(1)))).doesNotContain(ports.get(1));
        }
        ServerProcess server = ServerProcess.start(arguments, log);
        try {
            assertThat(server.awaitReady(LIMIT)).isTrue();
            assertThat(server.status().isLeader()).isFalse();
        } finally {
            server.kill();
            server.awaitEnd();
        }
        assertThat(Files.size(log)).isPositive();
    }

    /** Proposes one port first, then others. */
    private static Random onlyPort(int port) {
        return new Random() {
            private static final long serialVersionUID = 1L;
            private boolean proposed;

            @Override
            public int nextInt(int origin, int bound) {
                if (proposed) {
                    return super.nextInt(origin, bound);
                }
                proposed = true;
                return port;
            }
        };
    }
}
