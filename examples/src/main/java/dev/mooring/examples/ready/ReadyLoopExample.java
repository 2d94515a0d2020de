// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import dev.mooring.StorageConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;

/**
 * Three servers in one process, each in its own subdirectory of one data directory, agree on what happens in the airspace,
 * take snapshots, are closed, and come back with everything.
 */
public final class ReadyLoopExample {

    private ReadyLoopExample() {}

    /** Runs it in the directory given, or in a temporary one. */
    public static void main(String[] args) throws IOException {
        Path directory = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("mooring-ready");
        run(
                StorageConfig.of(Map.of(
                                "mooring.backend", "files",
                                "mooring.snapshot.interval-entries", "50",
                                "mooring.snapshot.catch-up-entries", "20"))
                        .withDirectory(directory),
                System.out);
    }

    static void run(StorageConfig config, PrintStream out) throws IOException {
        Random random = new Random(7);
        Queue<Message> network = new ArrayDeque<>();
        List<Node> nodes = start(config, random, network);
        for (int i = 0; i < 200; i++) {
            Node leader = awaitLeader(nodes, network);
            leader.put(List.of("rid", "scd", "aux").get(i % 3), "flight-" + i, "state " + i);
            deliverAll(nodes, network);
        }
        settle(nodes, network);
        out.println("agreed: " + summary(nodes));
        closeAll(nodes);

        nodes = start(config, random, network);
        awaitLeader(nodes, network);
        settle(nodes, network);
        out.println("after a restart: " + summary(nodes));
        closeAll(nodes);
    }

    private static List<Node> start(StorageConfig config, Random random, Queue<Message> network) throws IOException {
        List<Node> nodes = new ArrayList<>();
        for (int id = 0; id < 3; id++) {
            nodes.add(new Node(id, 3, config, random, network::add, entry -> {}));
        }
        return nodes;
    }

    private static Node awaitLeader(List<Node> nodes, Queue<Message> network) throws IOException {
        while (true) {
            for (Node node : nodes) {
                if (node.raft().isLeader()) {
                    return node;
                }
            }
            for (Node node : nodes) {
                node.raft().tick();
            }
            deliverAll(nodes, network);
        }
    }

    private static void settle(List<Node> nodes, Queue<Message> network) throws IOException {
        for (int i = 0; i < 10; i++) {
            for (Node node : nodes) {
                node.raft().tick();
            }
            deliverAll(nodes, network);
        }
    }

    private static void deliverAll(List<Node> nodes, Queue<Message> network) throws IOException {
        do {
            for (Node node : nodes) {
                node.work();
            }
            for (Message message = network.poll(); message != null; message = network.poll()) {
                nodes.get(message.to()).raft().step(message);
                nodes.get(message.to()).work();
            }
        } while (!network.isEmpty());
    }

    private static String summary(List<Node> nodes) {
        List<String> sizes = new ArrayList<>();
        for (Node node : nodes) {
            List<String> components = new ArrayList<>();
            node.registries()
                    .forEach((name, registry) ->
                            components.add(name + " " + registry.entries().size()));
            sizes.add("index " + node.appliedIndex() + " (" + String.join(", ", components) + ")");
        }
        return String.join("; ", sizes);
    }

    private static void closeAll(List<Node> nodes) throws IOException {
        for (Node node : nodes) {
            node.close();
        }
    }
}
