// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.Snapshot;
import dev.mooring.StorageConfig;
import dev.mooring.ready.ReadyStorage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example does what its page says. */
class ReadyLoopExampleTest {

    @TempDir
    Path directory;

    @Test
    void threeServersAgreeAndComeBackWithEverything() throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            ReadyLoopExample.main(new String[] {directory.toString()});
        } finally {
            System.setOut(out);
        }
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        lines.forEach(out::println);
        assertThat(lines.get(0)).startsWith("agreed: ").contains("(aux 66, rid 67, scd 67)");
        assertThat(lines.get(1)).startsWith("after a restart: ").contains("(aux 66, rid 67, scd 67)");
        for (int id = 0; id < 3; id++) {
            theComponentsAreInOneSnapshotAndComeBackFromIt(id);
        }
    }

    /** Without the loop: the log, from which they would come back too, is not looked at. */
    private void theComponentsAreInOneSnapshotAndComeBackFromIt(int id) throws IOException {
        StorageConfig config = StorageConfig.of(Map.of("mooring.backend", "files", "mooring.node", "server-" + id))
                .withDirectory(directory);
        try (RaftStorage storage = RaftStorage.open(config)) {
            RaftGroup group = storage.group("airspace");
            Map<String, Registry> restored =
                    new TreeMap<>(Map.of("aux", new Registry(), "rid", new Registry(), "scd", new Registry()));
            ReadyStorage.load(group, config, new TreeMap<>(restored));
            try (Snapshot newest = group.openSnapshot()) {
                assertThat(newest).isNotNull();
                assertThat(newest.files()).containsOnlyKeys("aux", "rid", "scd");
                assertThat(newest.configuration())
                        .isEqualTo(ByteBuffer.wrap("three servers: 0, 1, 2".getBytes(StandardCharsets.UTF_8)));
                assertThat(group.firstIndex()).isBetween(2L, newest.index()); // the log alone does not say all
                for (Map.Entry<String, Registry> component : restored.entrySet()) {
                    Registry stored = new Registry();
                    stored.restore(newest.open(component.getKey()));
                    assertThat(component.getValue().entries())
                            .isEqualTo(stored.entries())
                            .containsValue(
                                    "state " + List.of("rid", "scd", "aux").indexOf(component.getKey()))
                            .hasSizeGreaterThan(40);
                }
            }
        }
    }
}
