// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.tck.disk.DiskModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A report says what was explored: without its number "held" says little. */
final class ExploredTest {

    private static final Explored FIRST =
            new Explored("power fails", DiskModel.STRICT, 7, 3, 16_000, 16_000, 1_800, 8.0);
    private static final Explored SECOND =
            new Explored("the process dies", DiskModel.STRICT, 9, 2, 4_000, 4_000, 200, 2.0);

    @Test
    void statesOfOneModelAreSummedUp() {
        Explored other = new Explored("power fails", DiskModel.JOURNALLED, 1, 1, 1, 1, 1, 1);
        assertThat(Explored.sum(DiskModel.STRICT, List.of(FIRST, other, SECOND)))
                .isEqualTo(new Explored("in all", DiskModel.STRICT, 7, 5, 20_000, 20_000, 2_000, 10.0))
                .hasToString("strict, in all: 20,000 crash states of 5 scripts from seed 7 on, 2,000 distinct images,"
                        + " 10.0 s, 2,000 states a second");
        assertThat(Explored.sum(DiskModel.STRICT, List.of(other)).states()).isZero();
    }

    @Test
    void fewerStatesThanThereWereToBeAreSaidToBeFewer() {
        Explored cutShort = new Explored("power fails", DiskModel.STRICT, 7, 3, 9_000, 16_000, 1_000, 45.0);
        assertThat(cutShort)
                .hasToString("strict, power fails: 9,000 of 16,000 crash states of 3 scripts from seed 7 on, 1,000"
                        + " distinct images, 45.0 s, 200 states a second");
        assertThat(Explored.sum(DiskModel.STRICT, List.of(FIRST, cutShort)).toString())
                .startsWith("strict, in all: 25,000 of 32,000 crash states");
    }

    @Test
    void pageAndFileForProgramsSayIt(@TempDir Path directory) throws Exception {
        Report report =
                new Report("b", Map.of("seed", "7"), Map.of(), List.of(FIRST, SECOND), List.of(), new Messages(), 1);
        report.write(directory);
        assertThat(Files.readString(directory.resolve("mooring-tck-b.json")))
                .contains("{\"model\": \"strict\", \"what\": \"power fails\", \"seed\": 7, \"scripts\": 3,"
                        + " \"crashStates\": 16000, \"wantedCrashStates\": 16000,"
                        + " \"distinctImages\": 1800, \"seconds\": 8.0, \"statesPerSecond\": 2000}");
        assertThat(Files.readString(directory.resolve("mooring-tck-b.md")))
                .contains("- strict, power fails: 16,000 crash states")
                .contains("- strict, in all: 20,000 crash states");
    }
}
