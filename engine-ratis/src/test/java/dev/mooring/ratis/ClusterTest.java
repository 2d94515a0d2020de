// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.raftlog.RaftLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a group of three, from first start to full restart. */
class ClusterTest {

    @TempDir
    Path root;

    @Test
    void aGroupOfThreeCatchesUpInstallsASnapshotChangesLeadersAndRestarts() throws Exception {
        try (Servers servers = new Servers(root, "n1", "n2", "n3")) {
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 100);
                assertThat(servers.agree("n1", "n2", "n3")).endsWith(":100");

                servers.stop("n3");
                servers.count(client, 100);
                servers.start("n3");
                assertThat(servers.agree("n1", "n2", "n3")).endsWith(":200");
                assertThat(servers.counter("n3").loads).isZero(); // from the log alone

                servers.stop("n3");
                servers.count(client, 100);
                for (String id : List.of("n1", "n2")) {
                    RaftClientReply taken = client.getSnapshotManagementApi(RaftPeerId.valueOf(id))
                            .create(10_000);
                    assertThat(taken.isSuccess()).isTrue();
                    RaftLog log = servers.division(id).getRaftLog();
                    await().until(() -> log.get(taken.getLogIndex()) == null);
                }
                servers.count(client, 10);
                servers.start("n3");
                assertThat(servers.agree("n1", "n2", "n3")).endsWith(":310");
                assertThat(servers.counter("n3").loads).isEqualTo(1);
                assertThat(servers.division("n3").getRaftLog().getStartIndex()).isGreaterThan(600);

                for (String id : List.of("n1", "n2", "n3")) {
                    servers.lead(client, id);
                    servers.count(client, 10);
                }
                String before = servers.agree("n1", "n2", "n3");
                long term = servers.division("n1").getInfo().getCurrentTerm();
                servers.stopAll();
                servers.startAll();
                for (String id : List.of("n1", "n2", "n3")) {
                    assertThat(servers.division(id).getInfo().getCurrentTerm()).isGreaterThanOrEqualTo(term);
                }
                assertThat(servers.agree("n1", "n2", "n3")).isEqualTo(before);
                servers.count(client, 1);
                assertThat(servers.agree("n1", "n2", "n3")).endsWith(":341");
            }
        }
    }
}
