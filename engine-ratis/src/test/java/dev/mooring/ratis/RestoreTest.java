// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.RaftGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All servers of a group are lost, and there is a backup. */
class RestoreTest {

    @TempDir
    Path root;

    @Test
    void aMajorityGoesOnAndTakesNewMembers() throws Exception {
        try (Servers servers = new Servers(root, "n1", "n2", "n3", "n4")) {
            RaftGroup three = RaftGroup.valueOf(Servers.GROUP, servers.peers("n1", "n2", "n3"));
            for (String id : List.of("n1", "n2", "n3")) {
                servers.start(id, three);
            }
            try (RaftClient client = servers.client(three)) {
                servers.count(client, 20);
            }
            servers.stopAll();

            servers.start("n1", three); // two of three are put back
            servers.start("n2", three);
            RaftGroup two = RaftGroup.valueOf(Servers.GROUP, servers.peers("n1", "n2"));
            try (RaftClient client = servers.client(two)) {
                servers.count(client, 1);
                servers.start("n4", RaftGroup.valueOf(Servers.GROUP, List.of()));
                assertThat(client.admin()
                                .setConfiguration(servers.peers("n1", "n2", "n4"))
                                .isSuccess())
                        .isTrue();
                servers.count(client, 1);
            }
            assertThat(servers.agree("n1", "n2", "n4")).endsWith(":22");
        }
    }
}
