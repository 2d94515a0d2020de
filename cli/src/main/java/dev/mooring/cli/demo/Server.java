// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import dev.mooring.StorageConfig;
import dev.mooring.ratis.MooringRatis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Raft server: the main class of a process that the demonstration starts and kills.
 *
 * <p>It says {@value #READY} on standard output when it serves, or why it cannot, and then answers {@value #STATUS} and
 * obeys {@value #STOP} on standard input. When standard input ends, whoever started it is gone, and it goes too, at once.
 * Everything else that is printed goes to standard error, which is its log file.
 */
final class Server {

    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    static final String READY = "ready";
    static final String PORT_TAKEN = "port-taken";
    static final String FAILED = "failed";
    static final String STATUS = "status";
    static final String STOP = "stop";

    private static final Duration ELECTION_TIMEOUT_MIN = Duration.ofMillis(600);
    private static final Duration ELECTION_TIMEOUT_MAX = Duration.ofSeconds(1);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final KeyValueStore store = new KeyValueStore();
    private final RaftServer raft;

    private Server(ServerArguments arguments) throws IOException {
        raft = RaftServer.newBuilder()
                .setServerId(Members.peerId(arguments.id()))
                .setGroup(arguments.members().group())
                .setProperties(properties(arguments))
                .setStateMachine(store)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .build();
        MooringRatis.installAll(raft, StorageConfig.fromEnvironment().with("mooring.backend", arguments.backend()));
        raft.start();
        MooringRatis.verify(raft);
    }

    public static void main(String[] args) {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        // Ratis would end the process before it could say that its port is taken.
        ExitUtils.disableSystemExit();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            LOG.error("Uncaught in {}", thread, e);
            Runtime.getRuntime().halt(1);
        });
        // Standard input is watched from the start, so that nobody is left behind who is still starting.
        Starting starting = new Starting();
        new Thread(() -> serve(starting, answers), "control").start();
        try {
            starting.server = new Server(ServerArguments.decode(List.of(args)));
            answers.println(READY);
            starting.done.countDown();
        } catch (IOException | RuntimeException | Error e) {
            LOG.error("Could not start", e);
            answers.println((isPortTaken(e) ? PORT_TAKEN : FAILED) + " " + oneLine(e));
            Runtime.getRuntime().halt(1);
        }
    }

    private static void serve(Starting starting, PrintStream answers) {
        try (BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            String request;
            while ((request = requests.readLine()) != null) {
                starting.done.await();
                switch (request) {
                    case STATUS -> answers.println(starting.started().answer());
                    case STOP -> starting.started().close();
                    default -> answers.println(FAILED + " unknown request: " + request);
                }
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            LOG.error("Standard input failed", e);
        }
        Runtime.getRuntime().halt(0);
    }

    /** Ends the server in good order if it can be done quickly; it must bear the other way too. */
    private void close() {
        Thread closing = new Thread(
                () -> {
                    try {
                        raft.close();
                    } catch (IOException e) {
                        LOG.error("Could not close", e);
                    }
                },
                "close");
        closing.start();
        try {
            closing.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String answer() throws IOException {
        RaftServer.Division division = raft.getDivision(Members.GROUP);
        // A division closes when its storage fails; its process lives on.
        return division.getInfo().isAlive()
                ? status(division).encode()
                : FAILED + " it has closed its division, as it does when its storage fails";
    }

    private Status status(RaftServer.Division division) {
        RaftLog log = division.getRaftLog();
        TermIndex last = log.getLastEntryTermIndex();
        long first = log.getStartIndex();
        return new Status(
                division.getInfo().isLeader() ? 1 : 0,
                division.getInfo().getCurrentTerm(),
                first < 0 ? log.getNextIndex() : first, // a snapshot may cover the whole log
                last == null ? -1 : last.getIndex(),
                log.getLastCommittedIndex(),
                division.getInfo().getLastAppliedIndex(),
                store.startedFrom(),
                store.installed(),
                store.appliedEntries());
    }

    private static RaftProperties properties(ServerArguments arguments) {
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.GRPC);
        GrpcConfigKeys.Server.setHost(properties, Ports.HOST);
        GrpcConfigKeys.Server.setPort(properties, arguments.members().port(arguments.id()));
        RaftServerConfigKeys.setStorageDir(
                properties, List.of(arguments.directory().toFile()));
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, time(ELECTION_TIMEOUT_MIN));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, time(ELECTION_TIMEOUT_MAX));
        // The log is released behind a snapshot at once, even while a server that needs it is dead.
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, false);
        return properties;
    }

    private static TimeDuration time(Duration duration) {
        return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static boolean isPortTaken(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            // Netty's native transport has an exception of its own with the system's words.
            if (t instanceof BindException || String.valueOf(t.getMessage()).contains("Address already in use")) {
                return true;
            }
        }
        return false;
    }

    private static String oneLine(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).replaceAll("\\s+", " ");
    }

    /** Hands the server over from the thread that starts it to the one that answers for it. */
    private static final class Starting {
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile @Nullable Server server;

        private Server started() {
            Server current = server;
            if (current == null) {
                throw new IllegalStateException("asked before the server was ready");
            }
            return current;
        }
    }
}
