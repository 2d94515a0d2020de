// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** The three server processes. The shutdown hook of the demonstration may close it while another thread uses it. */
final class Cluster implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration CATCH_UP_LIMIT = Duration.ofSeconds(60);
    private static final Duration LEADER_LIMIT = Duration.ofSeconds(60);
    private static final Duration PORT_LIMIT = Duration.ofSeconds(20);
    private static final Duration PORT_PAUSE = Duration.ofMillis(500);
    private static final int PORT_TRIES = 5;

    private final DataDirectory data;
    private final String backend;
    private final Members members;
    private final Map<String, ServerProcess> servers = new TreeMap<>(); // those that were started last; guarded by this
    private boolean closed; // guarded by this

    private Cluster(DataDirectory data, String backend, Members members) {
        this.data = data;
        this.backend = backend;
        this.members = members;
    }

    /**
     * Starts three servers on free ports; on other ones if a port is taken before they have it.
     *
     * @param closer is given each attempt before it starts processes, to close it when the demonstration is ended
     */
    static Cluster start(DataDirectory data, String backend, Random random, Closer closer)
            throws IOException, InterruptedException {
        for (int i = 0; i < PORT_TRIES; i++) {
            Cluster cluster = new Cluster(data, backend, new Members(Ports.free(Members.IDS.size(), random)));
            closer.closeAtExit(cluster);
            for (String id : Members.IDS) {
                cluster.launch(id);
            }
            boolean allReady = true;
            for (String id : Members.IDS) {
                allReady &= cluster.server(id).awaitReady(START_LIMIT);
            }
            if (allReady) {
                return cluster;
            }
            cluster.close();
            for (String id : Members.IDS) {
                data.empty(id); // it remembers the old ports
            }
        }
        throw new DemoFailure("Other programs took the ports of the servers " + PORT_TRIES
                + " times. Try again when fewer programs start on this machine");
    }

    /** Takes care of a cluster's end. */
    interface Closer {
        void closeAtExit(Cluster cluster);
    }

    Members members() {
        return members;
    }

    /** Sends SIGKILL and returns at once. */
    void kill(String id) {
        server(id).kill();
    }

    /** Sends SIGKILL to all three, one right after the other. */
    synchronized void killAll() {
        servers.values().forEach(ServerProcess::kill);
    }

    /** Waits until a killed server is gone. */
    void awaitEnd(String id) throws InterruptedException {
        server(id).awaitEnd();
    }

    /** Starts a server again in a new process, which {@link #awaitReady} waits for. */
    void launch(String id) throws IOException {
        ServerArguments arguments = new ServerArguments(id, data.server(id), backend, members);
        synchronized (this) {
            if (closed) {
                throw new DemoFailure("The demonstration was ended");
            }
            servers.put(id, ServerProcess.start(arguments, data.serverLog(id)));
        }
    }

    /** Waits until a server that was started again serves. If its port is taken, for a while, until it is free again. */
    void awaitReady(String id) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PORT_LIMIT.toNanos();
        while (!server(id).awaitReady(START_LIMIT)) {
            if (System.nanoTime() - deadline > 0) {
                throw new DemoFailure("Another program took " + members.address(id) + " while " + id
                        + " was dead, and has not given it back for " + PORT_LIMIT.toSeconds() + " s. Try again");
            }
            Thread.sleep(PORT_PAUSE.toMillis());
            launch(id);
        }
    }

    Status status(String id) throws InterruptedException {
        return server(id).status();
    }

    long pid(String id) {
        return server(id).pid();
    }

    /** Waits for a leader among the living servers. */
    String awaitLeader() throws InterruptedException {
        return Await.answer("a leader", LEADER_LIMIT, () -> {
            for (String id : Members.IDS) {
                if (server(id).isAlive() && server(id).status().isLeader()) {
                    return Optional.of(id);
                }
            }
            return Optional.empty();
        });
    }

    /** Waits until a server has applied an entry. */
    Status awaitApplied(String id, long index) throws InterruptedException {
        return Await.answer(id + " to catch up to entry " + index, CATCH_UP_LIMIT, () -> {
            checkAlive();
            return Optional.of(status(id)).filter(status -> status.appliedIndex() >= index);
        });
    }

    /** Fails if a server has ended that was not killed. */
    synchronized void checkAlive() {
        servers.values().forEach(ServerProcess::checkAlive);
    }

    /** Ends all servers in good order and waits for them. */
    void stop() throws InterruptedException {
        synchronized (this) {
            closed = true;
            servers.values().forEach(ServerProcess::stop);
        }
        for (String id : Members.IDS) {
            awaitEnd(id);
        }
    }

    /** Kills what still lives, and waits for it. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            killAll();
        }
        for (ServerProcess server : servers.values()) {
            try {
                server.awaitEnd();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // they were sent SIGKILL and will go without being watched
                return;
            }
        }
    }

    private synchronized ServerProcess server(String id) {
        ServerProcess server = servers.get(id);
        if (server == null) {
            throw new IllegalStateException(id + " was never started");
        }
        return server;
    }
}
