// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.mooring.StorageObserver;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.LifeCycle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The user's observer: told of its own group, whichever way the log was installed, and no danger to the log. */
class ObserverTest {

    private static final IOException DISK_FULL = new IOException("No space left on device");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path root;

    @Test
    void everyGroupHasItsOwnHoweverItsLogWasInstalled() throws Exception {
        for (Servers.Way way : List.of(Servers.Way.WRAPPED, Servers.Way.BEFORE_START)) {
            Map<RaftGroupId, Recorder> told = new ConcurrentHashMap<>();
            try (Servers servers = new Servers(root.resolve(way.name()), "n1")) {
                RaftGroup second = RaftGroup.valueOf(RaftGroupId.randomId(), servers.group.getPeers());
                servers.way = Servers.Way.WRAPPED;
                try (RaftClient client = servers.client();
                        RaftClient inSecond = servers.client(second)) {
                    servers.start("n1");
                    client.getGroupManagementApi(RaftPeerId.valueOf("n1")).add(second);
                    servers.count(inSecond, 1);
                    servers.stop("n1");

                    servers.way = way; // both groups are found on disk
                    servers.observers = groupId -> told.computeIfAbsent(groupId, id -> new Recorder());
                    servers.start("n1");
                    servers.count(client, 1);
                    servers.count(inSecond, 1);
                    servers.providers
                            .get("n1")
                            .failIn(second.getGroupId().getUuid().toString(), DISK_FULL);
                    var unused = inSecond.async().send(Message.valueOf("counter=++"));
                    Recorder ofSecond = told.get(second.getGroupId());
                    await().atMost(PATIENCE)
                            .until(() -> !ofSecond.all(Throwable.class).isEmpty());
                    servers.count(client, 1);

                    assertThat(told).containsOnlyKeys(Servers.GROUP, second.getGroupId());
                    for (Recorder recorder : told.values()) {
                        assertThat(recorder.all(StorageObserver.Recovery.class))
                                .singleElement()
                                .satisfies(recovery ->
                                        assertThat(recovery.endedCleanly()).isTrue());
                        assertThat(recorder.all(StorageObserver.Save.class))
                                .anySatisfy(save -> assertThat(save.entries()).isPositive());
                    }
                    assertThat(told.get(Servers.GROUP).all(Throwable.class)).isEmpty();
                }
            }
        }
    }

    @Test
    void aStateMachineThatInstallsMooringItselfGivesItsOwn() throws Exception {
        Recorder recorder = new Recorder();
        try (Servers servers = new Servers(root, "n1")) {
            servers.way = Servers.Way.RATIS; // does nothing
            servers.newStateMachine = groupId -> new CounterStateMachine() {
                @Override
                public void initialize(RaftServer server, RaftGroupId id, RaftStorage storage) throws IOException {
                    MooringRatis.install(server, id, servers.config("n1"), recorder);
                    super.initialize(server, id, storage);
                }
            };
            servers.startAll();
            MooringRatis.verify(servers.running.get("n1"));
            assertThat(recorder.all(StorageObserver.Recovery.class)).hasSize(1);
        }
    }

    @Test
    void itIsToldOfSnapshotsAndOfWhatIsReleased() throws Exception {
        Recorder recorder = new Recorder();
        try (IdleServer server = new IdleServer(root)) {
            server.servers.observers = groupId -> recorder;
            MooringRaftLog log = server.open();
            server.term(1);
            server.append(IdleServer.entries(1, 0, 9));
            log.updateCommitIndex(9, 1, false);
            CounterStateMachine counter = server.servers.counter("n1");
            await().atMost(PATIENCE).until(() -> counter.applied == 10);
            counter.takeSnapshotAt(TermIndex.valueOf(1, 6));

            assertThat(log.purge(5).join()).isEqualTo(5);
        }
        String group = Servers.GROUP.getUuid().toString();
        assertThat(recorder.all(StorageObserver.SnapshotSaved.class))
                .singleElement()
                .satisfies(saved -> {
                    assertThat(saved.group()).isEqualTo(group);
                    assertThat(saved.index()).isEqualTo(6);
                });
        assertThat(recorder.all(StorageObserver.Release.class)).contains(new StorageObserver.Release(group, 6));
    }

    // FAULT-2
    @Test
    void oneThatThrowsStopsNeitherTheLogNorTheEndOfTheDivision() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            server.servers.observers = groupId -> new Recorder() {
                @Override
                void tell(Object what) {
                    super.tell(what);
                    throw new NoClassDefFoundError("a metrics library");
                }
            };
            server.open();
            server.term(1);
            server.append(IdleServer.entries(1, 0, 9));
            assertThat(server.contents()).hasSize(10);

            server.provider().fail(DISK_FULL);
            try {
                server.append(IdleServer.entries(1, 10, 10));
            } catch (Exception expected) {
                // it fails; what counts is what becomes of the division
            }

            await().atMost(PATIENCE)
                    .until(() -> server.division().getInfo().getLifeCycleState() == LifeCycle.State.CLOSED);
        }
    }

    /** To close the server is what a careful observer does, and closing waits for the thread that storage tells on. */
    @Test
    void itMayCloseTheServerWhenItIsToldOfAFailure() throws Exception {
        try (IdleServer server = new IdleServer(root)) {
            CompletableFuture<Void> closed = new CompletableFuture<>();
            server.servers.observers = groupId -> new StorageObserver() {
                @Override
                public void failed(Throwable cause) {
                    try {
                        server.servers.running.get("n1").close();
                        closed.complete(null);
                    } catch (IOException | RuntimeException e) {
                        closed.completeExceptionally(e);
                    }
                }
            };
            server.open();
            CountDownLatch closes = new CountDownLatch(1);
            server.servers.counter("n1").hears = closes;
            server.term(1);
            server.provider().fail(DISK_FULL);
            assertThatThrownBy(() -> server.term(2)).isInstanceOf(StorageException.Failed.class);

            try {
                assertThat(closed).succeedsWithin(PATIENCE);
            } finally {
                closes.countDown();
            }
        }
    }

    @Test
    void itIsToldOfAFailureAfterTheDivisionAndOfAllElse() {
        for (Method method : StorageObserver.class.getMethods()) {
            assertThat(DivisionObserver.class.getDeclaredMethods())
                    .extracting(Method::getName)
                    .contains(method.getName());
        }
        Path directory = root.resolve("mooring");
        Recorder recorder = new Recorder();
        List<StorageException.Failed> division = new ArrayList<>();
        StorageObserver observer = new DivisionObserver(
                "n1@group",
                directory,
                (path, cause) -> {
                    assertThat(recorder.all(Throwable.class)).isEmpty();
                    division.add(cause);
                },
                recorder);
        Repair repair = new Repair(directory, 7, "a torn last save was cut off");

        observer.repaired(repair);
        observer.failed(DISK_FULL);

        await().atMost(PATIENCE).until(() -> recorder.told.size() == 2);
        assertThat(recorder.told).containsExactly(repair, DISK_FULL);
        assertThat(division)
                .singleElement()
                .satisfies(cause -> assertThat(cause).hasCause(DISK_FULL));
    }

    @Test
    void aGroupWithoutOneIsNamed() throws Exception {
        try (Servers servers = new Servers(root, "n1")) {
            servers.observers = groupId -> null;
            assertThatThrownBy(servers::startAll)
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining(Servers.GROUP.toString())
                    .hasMessageContaining("StorageObserver.NONE");
        }
    }

    /** Keeps what it is told. */
    private static class Recorder implements StorageObserver {

        final Queue<Object> told = new ConcurrentLinkedQueue<>();

        void tell(Object what) {
            told.add(what);
        }

        <T> List<T> all(Class<T> kind) {
            return told.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        @Override
        public void saved(Save save) {
            tell(save);
        }

        @Override
        public void snapshotSaved(SnapshotSaved snapshot) {
            tell(snapshot);
        }

        @Override
        public void released(Release release) {
            tell(release);
        }

        @Override
        public void recovered(Recovery recovery) {
            tell(recovery);
        }

        @Override
        public void repaired(Repair repair) {
            tell(repair);
        }

        @Override
        public void failed(Throwable cause) {
            tell(cause);
        }
    }
}
