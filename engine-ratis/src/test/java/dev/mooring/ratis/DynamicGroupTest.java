// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups that come and go while the server runs. */
class DynamicGroupTest {

    @TempDir
    Path root;

    @Test
    void aWrappedRegistryPutsEveryGroupOnMooring() throws Exception {
        try (Servers servers = new Servers(root, "n1", "n2", "n3")) {
            servers.way = Servers.Way.WRAPPED;
            servers.startAll();
            RaftGroup second = RaftGroup.valueOf(RaftGroupId.randomId(), servers.group.getPeers());
            try (RaftClient client = servers.client();
                    RaftClient inSecond = servers.client(second)) {
                servers.count(client, 10);
                add(client, second);
                servers.count(inSecond, 10);
                MooringRatis.verify(servers.running.get("n1"));

                // it is found on disk by the next start, and keeps what it had
                servers.stop("n1");
                servers.start("n1");
                servers.count(inSecond, 1);
                assertThat(inSecond.io()
                                .sendReadOnly(Message.valueOf("counter"))
                                .getMessage()
                                .getContent()
                                .toStringUtf8())
                        .isEqualTo("11");

                Path directory = directory(servers, "n1", second);
                assertThat(directory.resolve("current").resolve(MooringRatis.DIRECTORY))
                        .isDirectory();
                for (RaftPeer peer : servers.group.getPeers()) {
                    assertThat(client.getGroupManagementApi(peer.getId())
                                    .remove(second.getGroupId(), true, false)
                                    .isSuccess())
                            .isTrue();
                }
                assertThat(directory).doesNotExist();

                // and again, as a new one
                add(client, second);
                servers.count(inSecond, 2);
            }
        }
    }

    @Test
    void aStateMachineThatInstallsMooringItself() throws Exception {
        try (Servers servers = new Servers(root, "n1")) {
            servers.way = Servers.Way.BEFORE_START;
            servers.newStateMachine = groupId -> new CounterStateMachine() {
                @Override
                public void initialize(RaftServer server, RaftGroupId id, RaftStorage storage) throws IOException {
                    MooringRatis.install(server, id, servers.config("n1"));
                    super.initialize(server, id, storage);
                }
            };
            servers.startAll();
            RaftGroup second = RaftGroup.valueOf(RaftGroupId.randomId(), servers.group.getPeers());
            try (RaftClient client = servers.client();
                    RaftClient inSecond = servers.client(second)) {
                add(client, second);
                servers.count(inSecond, 10);
            }
            MooringRatis.verify(servers.running.get("n1"));
        }
    }

    @Test
    void aGroupThatWasForgottenIsNamed() throws Exception {
        try (Servers servers = new Servers(root, "n1")) {
            servers.startAll();
            RaftGroup second = RaftGroup.valueOf(RaftGroupId.randomId(), servers.group.getPeers());
            try (RaftClient client = servers.client()) {
                add(client, second);
            }
            RaftServer server = servers.running.get("n1");

            assertThatThrownBy(() -> MooringRatis.verify(server))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("SegmentedRaftLog, not on Mooring");
            assertThatThrownBy(() -> MooringRatis.install(server, second.getGroupId(), servers.config("n1")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("between build() and start()");
            MooringRatis.install(server, Servers.GROUP, servers.config("n1")); // done already
        }
    }

    @Test
    void aWrappedStateMachineKeepsItsInterfaces() {
        CounterStateMachine real = new CounterStateMachine();
        StateMachine wrapped = MooringRatis.wrap(groupId -> real, dev.mooring.StorageConfig.of(java.util.Map.of()))
                .apply(Servers.GROUP);

        assertThat(wrapped).isInstanceOf(StateMachine.DataApi.class).isEqualTo(wrapped);
        assertThat(wrapped.getStateMachineStorage()).isSameAs(real.snapshots);
        assertThat(wrapped.event()).isSameAs(wrapped);
        assertThatThrownBy(() -> wrapped.initialize(null, Servers.GROUP, null))
                .isInstanceOf(NullPointerException.class);
    }

    private static void add(RaftClient client, RaftGroup group) throws IOException {
        for (RaftPeer peer : group.getPeers()) {
            assertThat(client.getGroupManagementApi(peer.getId()).add(group).isSuccess())
                    .isTrue();
        }
    }

    private static Path directory(Servers servers, String id, RaftGroup group) {
        Path directory =
                servers.root.resolve(id).resolve(group.getGroupId().getUuid().toString());
        assertThat(Files.isDirectory(directory)).isTrue();
        return directory;
    }
}
