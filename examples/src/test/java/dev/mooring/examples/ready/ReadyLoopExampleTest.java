// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.StorageConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example does what its page says. */
class ReadyLoopExampleTest {

    @TempDir
    Path directory;

    @Test
    void threeServersAgreeAndComeBackWithEverything() throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        StorageConfig config = StorageConfig.of(Map.of(
                        "mooring.backend", "files",
                        "mooring.snapshot.interval-entries", "50",
                        "mooring.snapshot.catch-up-entries", "20"))
                .withDirectory(directory);
        ReadyLoopExample.run(config, new PrintStream(printed, true, StandardCharsets.UTF_8));
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.get(0)).startsWith("agreed: ").contains("(aux 66, rid 67, scd 67)");
        assertThat(lines.get(1)).startsWith("after a restart: ").contains("(aux 66, rid 67, scd 67)");
    }
}
