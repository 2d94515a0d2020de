// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.awaitility.Awaitility.await;

import dev.mooring.StorageConfig;
import dev.mooring.StorageObserver;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachine;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Ratis servers in this JVM, talking over loopback, each with its directory. */
final class Servers implements AutoCloseable {

    static final RaftGroupId GROUP = RaftGroupId.valueOf(UUID.fromString("02511d47-d67c-49a3-9011-abb3109a44c1"));
    private static final SupportedRpcType RPC =
            SupportedRpcType.valueOf(System.getProperty("mooring.test.rpc", "NETTY"));
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How the log gets into a server. */
    enum Way {
        BEFORE_START,
        WRAPPED,
        RATIS // not at all
    }

    final Path root;
    final RaftGroup group;
    final Map<String, RaftServer> running = new TreeMap<>();
    final Map<String, ControlledProvider> providers = new HashMap<>();
    final Map<String, Map<RaftGroupId, StateMachine>> stateMachines = new HashMap<>();
    Way way = Way.BEFORE_START;
    Function<RaftGroupId, StateMachine> newStateMachine = groupId -> new CounterStateMachine();
    Consumer<RaftProperties> properties = set -> {};
    Function<RaftGroupId, StorageObserver> observers; // null: none are given
    UnaryOperator<StorageConfig> settings = UnaryOperator.identity();

    Servers(Path root, String... ids) throws IOException {
        this.root = root;
        List<RaftPeer> peers = new ArrayList<>();
        for (String id : ids) {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                peers.add(RaftPeer.newBuilder()
                        .setId(id)
                        .setAddress("127.0.0.1:" + free.getLocalPort())
                        .build());
            }
        }
        group = RaftGroup.valueOf(GROUP, peers);
    }

    StorageConfig config(String id) {
        StorageConfig config = StorageConfig.of(Map.of("mooring.files.segment-bytes", "65536"));
        return settings.apply(
                config.withProvider(providers.computeIfAbsent(id, name -> new ControlledProvider(backend("files")))));
    }

    RaftProperties properties(String id) {
        RaftProperties set = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(set, List.of(root.resolve(id).toFile()));
        RaftServerConfigKeys.setStorageFreeSpaceMin(set, SizeInBytes.ZERO);
        RaftConfigKeys.Rpc.setType(set, RPC);
        int port = port(id);
        set.setInt("raft.grpc.server.port", port);
        set.setInt("raft.netty.server.port", port);
        RaftServerConfigKeys.Log.setPurgeGap(set, 1);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(set, true);
        RaftServerConfigKeys.Log.setSegmentSizeMax(set, SizeInBytes.valueOf("16KB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(set, SizeInBytes.valueOf("8KB"));
        RaftServerConfigKeys.Snapshot.setCreationGap(set, 1);
        RaftServerConfigKeys.Rpc.setTimeoutMin(set, millis(300));
        RaftServerConfigKeys.Rpc.setTimeoutMax(set, millis(600));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(set, millis(50));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(set, millis(300));
        properties.accept(set);
        return set;
    }

    /** Directory in which Ratis keeps the division. */
    Path current(String id) {
        return root.resolve(id).resolve(GROUP.getUuid().toString()).resolve("current");
    }

    /** Peers of these ids, to be members of the group. */
    List<RaftPeer> peers(String... ids) {
        return Set.of(ids).stream()
                .map(id -> group.getPeer(RaftPeerId.valueOf(id)))
                .toList();
    }

    RaftServer start(String id) throws IOException {
        return start(id, group);
    }

    RaftServer start(String id, RaftGroup member) throws IOException {
        Map<RaftGroupId, StateMachine> made = new HashMap<>();
        stateMachines.put(id, made);
        StateMachine.Registry registry = groupId -> {
            StateMachine stateMachine = newStateMachine.apply(groupId);
            made.put(groupId, stateMachine);
            return stateMachine;
        };
        if (way == Way.WRAPPED) {
            registry = observers == null
                    ? MooringRatis.wrap(registry, config(id))
                    : MooringRatis.wrap(registry, config(id), observers);
        }
        RaftServer.Builder builder = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(id))
                .setProperties(properties(id))
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStateMachineRegistry(registry);
        if (member != null) {
            builder.setGroup(member);
        }
        RaftServer server = builder.build();
        try {
            if (way == Way.BEFORE_START && observers == null) {
                MooringRatis.installAll(server, config(id));
            } else if (way == Way.BEFORE_START) {
                MooringRatis.installAll(server, config(id), observers);
            }
            server.start();
            if (way != Way.RATIS) {
                MooringRatis.verify(server);
            }
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        running.put(id, server);
        return server;
    }

    void startAll() throws IOException {
        for (RaftPeer peer : group.getPeers()) {
            start(peer.getId().toString());
        }
    }

    void stop(String id) throws IOException {
        running.remove(id).close();
    }

    void stopAll() throws IOException {
        for (String id : Set.copyOf(running.keySet())) {
            stop(id);
        }
    }

    RaftServer.Division division(String id) {
        try {
            return running.get(id).getDivision(GROUP);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    CounterStateMachine counter(String id) {
        return (CounterStateMachine) stateMachines.get(id).get(GROUP);
    }

    RaftClient client() {
        return client(group);
    }

    RaftClient client(RaftGroup of) {
        RaftProperties set = new RaftProperties();
        RaftConfigKeys.Rpc.setType(set, RPC);
        return RaftClient.newBuilder()
                .setProperties(set)
                .setRaftGroup(of)
                .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(300, millis(100)))
                .build();
    }

    /** Counts up so many times, many at once, and waits until all of it is acknowledged. */
    void count(RaftClient client, int times) throws Exception {
        List<CompletableFuture<RaftClientReply>> replies = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            replies.add(client.async().send(Message.valueOf("counter=++")));
            replies.add(client.async().send(Message.valueOf("k" + i % 50 + "=" + "v".repeat(i % 100))));
        }
        for (CompletableFuture<RaftClientReply> reply : replies) {
            RaftClientReply got = reply.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (!got.isSuccess()) {
                throw new IllegalStateException("not applied", got.getException());
            }
        }
    }

    /** Waits until these have the same contents; returns the digest. */
    String agree(String... ids) {
        await().atMost(PATIENCE).until(() -> digests(ids).size() == 1);
        return digests(ids).iterator().next();
    }

    private Set<String> digests(String... ids) {
        return Set.of(ids).stream().map(id -> counter(id).digest()).collect(Collectors.toSet());
    }

    /** The server that leads. */
    String leader() {
        return await().atMost(PATIENCE).until(this::leaderOrNull, id -> id != null);
    }

    private String leaderOrNull() {
        for (String id : running.keySet()) {
            var info = division(id).getInfo();
            if (info.getLifeCycleState().isRunning() && info.isLeader() && info.isLeaderReady()) {
                return id;
            }
        }
        return null;
    }

    void lead(RaftClient client, String id) {
        await().atMost(PATIENCE).pollInSameThread().ignoreExceptions().until(() -> {
            client.admin().transferLeadership(RaftPeerId.valueOf(id), 5_000);
            return id.equals(leaderOrNull());
        });
    }

    private int port(String id) {
        String address = group.getPeer(RaftPeerId.valueOf(id)).getAddress();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static TimeDuration millis(int count) {
        return TimeDuration.valueOf(count, TimeUnit.MILLISECONDS);
    }

    private static StorageProvider backend(String name) {
        for (StorageProvider found : ServiceLoader.load(StorageProvider.class)) {
            if (found.name().equals(name)) {
                return found;
            }
        }
        throw new IllegalStateException("backend '" + name + "' is not on the test class path");
    }

    @Override
    public void close() throws IOException {
        providers.values().forEach(ControlledProvider::letGo);
        stopAll();
    }
}
