// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.LogEntry;
import dev.mooring.StorageConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three servers over a network that loses, repeats and reorders, and that are closed and opened again at random: whatever
 * one of them has applied at an index, all apply there (Raft, figure 3, state machine safety), and nothing is ever forgotten.
 */
class SimulatedNetworkTest {

    private static final int SERVERS = 3;

    @TempDir
    Path directory;

    private final List<Message> network = new ArrayList<>();
    private final Node[] nodes = new Node[SERVERS];
    private final Map<Long, LogEntry> applied = new HashMap<>(); // by anybody, ever
    private int snapshotsReceived;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whatOneAppliesAllApply(long seed) throws IOException {
        Random random = new Random(seed);
        for (int id = 0; id < SERVERS; id++) {
            start(id, random);
        }
        for (int step = 0; step < 6_000; step++) {
            turn(random, step);
        }
        heal();
        long last = nodes[0].appliedIndex();
        for (Node node : nodes) {
            assertThat(node.appliedIndex()).as("seed %d", seed).isEqualTo(last);
            assertThat(contentsOf(node)).as("seed %d", seed).isEqualTo(replay());
            assertThat(node.raft().commitIndex()).isGreaterThan(50);
        }
        assertThat(snapshotsReceived)
                .as("snapshots that travelled, seed %d", seed)
                .isPositive();
        for (Node node : nodes) {
            node.close();
        }
    }

    private void turn(Random random, int step) throws IOException {
        int id = random.nextInt(SERVERS);
        int dice = random.nextInt(1_000);
        boolean isolated = step / 700 % 2 == 1 && id == 2; // now and then server 2 hears nothing for long
        if (dice < 250) {
            nodes[id].raft().tick();
        } else if (dice < 750 && !network.isEmpty()) {
            Message message = network.remove(random.nextInt(network.size())); // any order
            if (random.nextInt(10) == 0) {
                network.add(message); // repeated
            }
            id = message.to();
            isolated = step / 700 % 2 == 1 && (id == 2 || message.from() == 2);
            if (random.nextInt(10) != 0 && !isolated) { // else lost
                nodes[id].raft().step(message);
            }
        } else if (dice < 990) {
            nodes[id].put(List.of("rid", "scd", "aux").get(step % 3), "name-" + step % 50, "value-" + step);
        } else if (dice < 993) {
            nodes[id].close();
            start(id, random);
        }
        nodes[id].work();
        if (network.size() > 200) {
            network.subList(0, 100).clear();
        }
    }

    /** The network works again until all have applied the same. */
    private void heal() throws IOException {
        for (int round = 0; round < 2_000; round++) {
            for (Node node : nodes) {
                node.raft().tick();
                node.work();
            }
            List<Message> batch = new ArrayList<>(network);
            network.clear();
            for (Message message : batch) {
                nodes[message.to()].raft().step(message);
                nodes[message.to()].work();
            }
            if (round > 100
                    && nodes[0].appliedIndex() == nodes[1].appliedIndex()
                    && nodes[1].appliedIndex() == nodes[2].appliedIndex()) {
                return;
            }
        }
    }

    private void start(int id, Random random) throws IOException {
        if (nodes[id] != null) {
            snapshotsReceived += nodes[id].snapshotsReceived();
        }
        StorageConfig config = StorageConfig.of(Map.of(
                        "mooring.backend", "files",
                        "mooring.snapshot.interval-entries", "20",
                        "mooring.snapshot.catch-up-entries", "8"))
                .withDirectory(directory);
        nodes[id] = new Node(id, SERVERS, config, new Random(random.nextLong()), network::add, this::record);
    }

    private void record(LogEntry entry) {
        LogEntry before = applied.putIfAbsent(entry.index(), entry);
        if (before != null) {
            assertThat(entry).as("applied at index %d", entry.index()).isEqualTo(before);
        }
    }

    private Map<String, Map<String, String>> replay() {
        Map<String, Map<String, String>> contents = new TreeMap<>();
        for (String name : List.of("rid", "scd", "aux")) {
            contents.put(name, new TreeMap<>());
        }
        new TreeMap<>(applied).forEach((index, entry) -> {
            if (entry.payloadBytes() > 0) {
                String[] words = StandardCharsets.UTF_8
                        .decode(entry.payload())
                        .toString()
                        .split(" ", 3);
                contents.get(words[0]).put(words[1], words[2]);
            }
        });
        return contents;
    }

    private static Map<String, Map<String, String>> contentsOf(Node node) {
        Map<String, Map<String, String>> contents = new TreeMap<>();
        node.registries().forEach((name, registry) -> contents.put(name, registry.entries()));
        return contents;
    }
}
