// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group moves from Ratis' own log to Mooring while it works, as docs/engine-ratis.md says, and back. */
class ReplacementTest {

    @TempDir
    Path root;

    @Test
    void aGroupMovesToMooringOneServerAtATimeAndOneBack() throws Exception {
        try (Servers servers = new Servers(root, "n1", "n2", "n3")) {
            servers.way = Servers.Way.RATIS;
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 50);
                client.getSnapshotManagementApi(RaftPeerId.valueOf(servers.leader()))
                        .create(10_000);
                int counted = 50;
                for (String id : List.of("n1", "n2", "n3")) {
                    replace(servers, client, id, Servers.Way.BEFORE_START);
                    servers.count(client, 10);
                    counted += 10;
                    assertThat(servers.agree("n1", "n2", "n3")).endsWith(":" + counted);
                }
                for (RaftServer server : servers.running.values()) {
                    MooringRatis.verify(server);
                }
                replace(servers, client, "n2", Servers.Way.RATIS);
                servers.count(client, 10);
                assertThat(servers.agree("n1", "n2", "n3")).endsWith(":90");
            }
        }
    }

    private static void replace(Servers servers, RaftClient client, String id, Servers.Way way) throws Exception {
        String[] others = List.of("n1", "n2", "n3").stream()
                .filter(other -> !other.equals(id))
                .toArray(String[]::new);
        assertThat(client.admin().setConfiguration(servers.peers(others)).isSuccess())
                .isTrue();
        servers.stop(id);
        Path group = servers.current(id).getParent();
        Files.move(group, servers.root.resolve("moved-away-" + id + "-" + way));
        servers.way = way;
        servers.start(id, RaftGroup.valueOf(Servers.GROUP, List.of()));
        assertThat(client.admin()
                        .setConfiguration(servers.peers("n1", "n2", "n3"))
                        .isSuccess())
                .isTrue();
    }
}
