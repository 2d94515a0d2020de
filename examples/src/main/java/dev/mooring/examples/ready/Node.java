// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import dev.mooring.LogEntry;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.ready.Component;
import dev.mooring.ready.ReadyStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One server: storage, Raft core, components, and the loop that goes round between them. A command is
 * {@code component name value}.
 */
final class Node implements AutoCloseable {

    private static final ByteBuffer CONFIGURATION =
            ByteBuffer.wrap("three servers: 0, 1, 2".getBytes(StandardCharsets.UTF_8));

    private final RaftStorage raftStorage;
    private final ReadyStorage storage;
    private final MiniRaft raft;
    private final Map<String, Registry> registries = new TreeMap<>();
    private final Consumer<Message> network;
    private final Consumer<LogEntry> applied;
    private long appliedIndex;
    private int snapshotsReceived;

    /**
     * Starts or restarts a server on its directory.
     *
     * @param network takes the messages it sends
     * @param applied is told of each entry once it is applied
     */
    Node(
            int id,
            int servers,
            StorageConfig config,
            Random random,
            Consumer<Message> network,
            Consumer<LogEntry> applied)
            throws IOException {
        this.network = network;
        this.applied = applied;
        registries.put("rid", new Registry());
        registries.put("scd", new Registry());
        registries.put("aux", new Registry());
        raftStorage = RaftStorage.open(config.with("mooring.node", "server-" + id));
        Map<String, Component> components = new TreeMap<>(registries);
        storage = ReadyStorage.load(raftStorage.group("airspace"), config, components);
        raft = new MiniRaft(id, servers, storage, random);
        appliedIndex = raftStorage.group("airspace").snapshot() == null
                ? 0
                : raftStorage.group("airspace").snapshot().index();
    }

    MiniRaft raft() {
        return raft;
    }

    Map<String, Registry> registries() {
        return registries;
    }

    long appliedIndex() {
        return appliedIndex;
    }

    int snapshotsReceived() {
        return snapshotsReceived;
    }

    boolean put(String component, String name, String value) throws IOException {
        String command = component + " " + name + " " + value;
        return raft.propose(command.getBytes(StandardCharsets.UTF_8));
    }

    /** Goes round until there is nothing to do. An exception ends the node: close it, and let the process die or restart. */
    void work() throws IOException {
        for (Ready ready = raft.ready(); ready != null; ready = raft.ready()) {
            storage.handleReady(ready.snapshot(), ready.hardState(), ready.entries());
            ready.messages().forEach(network); // not before: a reply is a promise about what is on disk
            if (ready.snapshot() != null) {
                appliedIndex = ready.snapshot().index();
                snapshotsReceived++;
            }
            for (LogEntry entry : ready.committedEntries()) {
                apply(entry);
            }
            storage.triggerSnapshot(appliedIndex, CONFIGURATION);
            raft.advance(ready);
        }
    }

    private void apply(LogEntry entry) {
        if (entry.payloadBytes() > 0) { // else it is a new leader's first entry
            String[] words =
                    StandardCharsets.UTF_8.decode(entry.payload()).toString().split(" ", 3);
            Registry registry = registries.get(words[0]);
            if (registry == null) {
                throw new IllegalStateException(
                        "entry " + entry.index() + " is for '" + words[0] + "', which no component is");
            }
            registry.put(words[1], words[2]);
        }
        appliedIndex = entry.index();
        applied.accept(entry);
    }

    @Override
    public void close() throws IOException {
        raftStorage.close();
    }
}
