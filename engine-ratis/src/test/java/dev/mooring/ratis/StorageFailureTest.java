// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FAULT-1, FAULT-2 as a cluster sees them: a division whose storage fails is closed, and nothing acknowledged is lost. */
class StorageFailureTest {

    private static final IOException DISK_FULL = new IOException("No space left on device");

    @TempDir
    Path root;

    @Test
    void aLeaderWhoseStorageFailsClosesAndTheOthersGoOn() throws Exception {
        try (Servers servers = new Servers(root, "n1", "n2", "n3")) {
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 20);
                String failing = servers.leader();

                servers.providers.get(failing).fail(DISK_FULL);
                servers.count(client, 20);

                assertClosed(servers, failing);
                assertThat(servers.leader()).isNotEqualTo(failing);
                assertThat(servers.agree(others(servers, failing))).endsWith(":40");
                assertItComesBack(servers, client, failing);
            }
        }
    }

    @Test
    void aFollowerWhoseStorageFailsClosesAndTheOthersGoOn() throws Exception {
        try (Servers servers = new Servers(root, "n1", "n2", "n3")) {
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 20);
                String leader = servers.leader();
                String failing = others(servers, leader)[0];

                servers.providers.get(failing).fail(DISK_FULL);
                servers.count(client, 20);

                assertClosed(servers, failing);
                assertThat(servers.agree(others(servers, failing))).endsWith(":40");
                assertItComesBack(servers, client, failing);
            }
        }
    }

    @Test
    void aVoteThatCanNotBeSavedIsNotGiven() throws Exception {
        try (Servers servers = new Servers(root, "n1", "n2", "n3")) {
            servers.startAll();
            try (RaftClient client = servers.client()) {
                servers.count(client, 5);
                String leader = servers.leader();
                String[] others = others(servers, leader);
                servers.providers.get(others[0]).fail(DISK_FULL);
                servers.providers.get(others[1]).fail(DISK_FULL);

                servers.stop(leader); // the two that are left can not elect one of them

                await().atMost(Duration.ofSeconds(60))
                        .until(() -> isClosed(servers, others[0]) || isClosed(servers, others[1]));
                assertThat(servers.division(others[0]).getInfo().isLeader()).isFalse();
                assertThat(servers.division(others[1]).getInfo().isLeader()).isFalse();
            }
        }
    }

    @Test
    void anotherDivisionOfTheServerGoesOn() throws Exception {
        try (Servers servers = new Servers(root, "n1")) {
            servers.way = Servers.Way.WRAPPED;
            servers.startAll();
            RaftGroup second = RaftGroup.valueOf(RaftGroupId.randomId(), servers.group.getPeers());
            try (RaftClient client = servers.client();
                    RaftClient inSecond = servers.client(second)) {
                client.getGroupManagementApi(RaftPeerId.valueOf("n1")).add(second);
                servers.count(client, 5);
                servers.count(inSecond, 5);

                servers.providers.get("n1").failIn(Servers.GROUP.getUuid().toString(), DISK_FULL);
                var unanswered = client.async().send(Message.valueOf("counter=++"));

                await().atMost(Duration.ofSeconds(60)).until(() -> isClosed(servers, "n1"));
                servers.count(inSecond, 5);
                assertThat(unanswered.isDone()).isFalse();
            }
        }
    }

    // Ratis waits for its updater, which waits for committed entries that nobody can read any more
    @Test
    void aDivisionThatCanNotReadWhatItHasToApplyCloses() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.servers.properties =
                    set -> RaftServerConfigKeys.Log.setSegmentCacheSizeMax(set, SizeInBytes.valueOf("1KB"));
            MooringRaftLog log = server.open();
            server.term(1);
            server.append(IdleServer.entries(1, 0, 199));
            synchronized (server.servers.counter("n1")) { // applies nothing
                log.updateCommitIndex(199, 1, false);
                server.provider().failReads(DISK_FULL);
                assertThat(log.appendEntry(IdleServer.entry(1, 200))).failsWithin(Duration.ofSeconds(60));
            }

            await().atMost(Duration.ofSeconds(60)).until(() -> isClosed(server.servers, "n1"));

            assertThat(server.servers.counter("n1").applied).isLessThan(200);
        }
    }

    /** Ratis reads headers on a leader's thread of events, which does not survive what it throws. */
    @Test
    void aLeaderThatCanNotReadWhatItIsToCommitCloses() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.servers.properties =
                    set -> RaftServerConfigKeys.Log.setSegmentCacheSizeMax(set, SizeInBytes.valueOf("1KB"));
            MooringRaftLog log = server.open();
            server.term(1);
            server.append(IdleServer.entries(1, 0, 199));
            server.provider().failReads(DISK_FULL);

            assertThatThrownBy(() -> log.getEntries(0, 10)).isInstanceOf(IllegalStateException.class);

            await().atMost(Duration.ofSeconds(60)).until(() -> isClosed(server.servers, "n1"));
        }
    }

    /** Ratis closes the log of a leader whose append fails, and the state machine may still read from it. */
    @Test
    void theLogIsNotClosedBeforeTheStateMachine() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            MooringRaftLog log = server.open();
            server.term(1);
            CountDownLatch closes = new CountDownLatch(1);
            server.servers.counter("n1").closes = closes;
            server.provider().hold();
            try {
                CompletableFuture<?> first = log.appendEntry(IdleServer.entry(1, 0))
                        .whenComplete((index, thrown) -> awaitClosing(server)); // holds back the others
                CompletableFuture<?> second =
                        log.appendEntry(IdleServer.entry(1, 1)).whenComplete((index, thrown) -> closeAsRatisDoes(log));
                server.provider().fail(DISK_FULL);
                server.provider().letGo();
                awaitClosing(server);

                await().during(Duration.ofMillis(500))
                        .atMost(Duration.ofSeconds(30))
                        .until(log::isOpened);

                assertThat(List.of(first, second)).noneMatch(CompletableFuture::isDone);
                closes.countDown();
                assertThat(first).failsWithin(Duration.ofSeconds(60));
                assertThat(second).failsWithin(Duration.ofSeconds(60));
                await().atMost(Duration.ofSeconds(60)).until(() -> isClosed(server.servers, "n1"));
                assertThat(log.isOpened()).isFalse();
            } finally {
                closes.countDown();
            }
        }
    }

    private static void awaitClosing(IdleServer server) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> server.division().getInfo().getLifeCycleState().isClosingOrClosed());
    }

    private static void closeAsRatisDoes(MooringRaftLog log) {
        try {
            log.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertClosed(Servers servers, String id) {
        await().atMost(Duration.ofSeconds(60)).until(() -> isClosed(servers, id));
        assertThat(servers.counter(id).logFailure)
                .isInstanceOf(StorageException.Failed.class)
                .hasStackTraceContaining(DISK_FULL.getMessage());
    }

    private static boolean isClosed(Servers servers, String id) {
        return servers.division(id).getInfo().getLifeCycleState() == LifeCycle.State.CLOSED;
    }

    private static void assertItComesBack(Servers servers, RaftClient client, String id) throws Exception {
        servers.stop(id);
        servers.providers.get(id).mend();
        servers.start(id);
        servers.count(client, 1);
        assertThat(servers.agree("n1", "n2", "n3")).endsWith(":41");
    }

    private static String[] others(Servers servers, String id) {
        Set<String> others = new TreeSet<>();
        for (RaftPeer peer : servers.group.getPeers()) {
            others.add(peer.getId().toString());
        }
        others.remove(id);
        return others.toArray(new String[0]);
    }
}
