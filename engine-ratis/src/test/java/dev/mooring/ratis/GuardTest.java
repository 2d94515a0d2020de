// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** DAMAGE-3: neither log takes the other's directory for that of a new server, which could vote twice. */
class GuardTest {

    @TempDir
    Path root;

    @ParameterizedTest
    @EnumSource(CorruptionPolicy.class)
    void ratisOwnLogRefusesADirectoryOfMooring(CorruptionPolicy policy) throws Exception {
        try (Servers servers = new Servers(root, "n1")) {
            servers.properties = set -> RaftServerConfigKeys.Log.setCorruptionPolicy(set, policy);
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 10);
            }
            servers.stopAll();

            servers.way = Servers.Way.RATIS;
            assertThatThrownBy(servers::startAll)
                    .hasStackTraceContaining("Failed to initRaftLog")
                    .hasStackTraceContaining(
                            policy == CorruptionPolicy.EXCEPTION
                                    ? DivisionDirectory.GUARD_FILE
                                    : DivisionDirectory.GUARD_DIRECTORY);

            servers.way = Servers.Way.BEFORE_START;
            servers.startAll();
            assertThat(servers.current("n1").resolve(DivisionDirectory.GUARD_FILE))
                    .content()
                    .contains("state: in use");
            try (RaftClient client = servers.client()) {
                servers.count(client, 1);
            }
            assertThat(servers.agree("n1")).endsWith(":11");
        }
    }

    @Test
    void aNodeThatIsNamedLaterIsRefusedByItsName() throws Exception {
        try (Servers servers = new Servers(root, "n1")) {
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 1);
            }
            servers.stopAll();

            servers.settings = config -> config.withNode("n1");
            assertThatThrownBy(servers::startAll)
                    .hasStackTraceContaining("was begun without mooring.node, which is 'n1' now");
        }
    }

    @Test
    void mooringRefusesADirectoryWithRatisOwnLog() throws Exception {
        try (Servers servers = new Servers(root, "n1")) {
            servers.way = Servers.Way.RATIS;
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 10);
            }
            servers.stopAll();

            servers.way = Servers.Way.BEFORE_START;
            assertThatThrownBy(servers::startAll)
                    .hasStackTraceContaining("log_inprogress_0 belongs to a log of Ratis' own")
                    .hasStackTraceContaining("could vote twice");
            assertThat(servers.current("n1").resolve(MooringRatis.DIRECTORY)).doesNotExist();

            servers.way = Servers.Way.RATIS;
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 1);
            }
            assertThat(servers.agree("n1")).endsWith(":11");
        }
    }

    @Test
    void mooringRefusesADirectoryWithAVoteOfRatisOwnAndNoLog() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.servers.way = Servers.Way.RATIS;
            server.start();
            server.servers
                    .division("n1")
                    .getRaftStorage()
                    .getMetadataFile()
                    .persist(org.apache.ratis.server.storage.RaftStorageMetadata.valueOf(4, null));
            server.servers.stopAll();

            server.servers.way = Servers.Way.BEFORE_START;
            assertThatThrownBy(server::open).hasStackTraceContaining("holds a vote of Ratis' own");
        }
    }

    @Test
    void aStorageThatIsGoneIsNotAnEmptyLog() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.open();
            server.term(1);
            server.append(IdleServer.entries(1, 0, 4));
            server.servers.stopAll();
            Path storage = server.servers.current("n1").resolve(MooringRatis.DIRECTORY);
            Path aside = root.resolve("aside");
            Files.move(storage, aside);

            assertThatThrownBy(server::open)
                    .hasStackTraceContaining("is missing, but")
                    .hasStackTraceContaining("Bring the directory back");
            Files.createDirectory(storage);
            assertThatThrownBy(server::open).hasStackTraceContaining("mooring.create");

            Files.delete(storage);
            Files.move(aside, storage);
            server.open();
            assertThat(server.contents()).isEqualTo(IdleServer.entries(1, 0, 4));
        }
    }

    @Test
    void aCrashBeforeTheStorageWasFirstCreatedDoesNotStopTheStart() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.open();
            server.servers.stopAll();
            Path current = server.servers.current("n1");
            Path guard = current.resolve(DivisionDirectory.GUARD_FILE);
            Files.writeString(guard, Files.readString(guard).replace("in use", "creating"));
            delete(current.resolve(MooringRatis.DIRECTORY));

            MooringRaftLog log = server.open();

            assertThat(log.getLastEntryTermIndex()).isNull();
        }
    }

    @Test
    void anotherServersStorageIsRefused() throws Exception {
        try (Servers servers = new Servers(root, "n1", "n2", "n3")) {
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 5);
            }
            servers.stopAll();
            delete(root.resolve("n2"));
            Files.move(root.resolve("n1"), root.resolve("n2"));

            assertThatThrownBy(() -> servers.start("n2"))
                    .hasStackTraceContaining("was written by server 'n1', but this is server 'n2'");
        }
    }

    @Test
    void anotherGroupsStorageIsRefused() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.open();
            server.term(1);
            List<LogEntryProto> entries = IdleServer.entries(1, 0, 4);
            server.append(entries);
            server.servers.stopAll();
            Path group = server.servers.current("n1").getParent();
            Path other = group.resolveSibling("11111111-2222-3333-4444-555555555555");
            Files.move(group, other);

            assertThatThrownBy(server::open)
                    .hasStackTraceContaining("holds the log of group " + Servers.GROUP.getUuid());
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
