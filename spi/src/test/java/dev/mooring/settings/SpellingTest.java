// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {

    @ParameterizedTest
    @CsvSource({
        "files, files, 0",
        "FILES, files, 0",
        "segment_bytes, segment-bytes, 0",
        "fiels, files, 1",
        "file, files, 1",
        "ffiles, files, 1",
        "gilet, files, 2",
        "'', files, 5"
    })
    void countsSlipsOfTheHand(String one, String other, int distance) {
        assertThat(Spelling.distance(one, other)).isEqualTo(distance);
        assertThat(Spelling.distance(other, one)).isEqualTo(distance);
    }

    @Test
    void suggestsTheNearestWordAndNothingThatIsFar() {
        List<String> known = List.of("mooring.backend", "mooring.durability", "mooring.directory");
        assertThat(Spelling.nearest("mooring.durabilty", known)).isEqualTo("mooring.durability");
        assertThat(Spelling.nearest("something-else-altogether", known)).isNull();
        assertThat(Spelling.nearest("x".repeat(1_000_000), known)).isNull();
    }

    @Test
    void whatLaunchersAndContainersSetIsNoSlip() {
        List<String> known = List.of("BACKEND", "DIRECTORY", "NODE", "CREATE", "DURABILITY", "QUEUE_BYTES");
        for (String foreign : List.of("HOME", "OPTS", "PORT", "SERVICE_HOST", "MODE", "JAVA_OPTS", "LOG_LEVEL")) {
            assertThat(Spelling.slipOf(foreign, known)).as(foreign).isNull();
        }
        assertThat(Spelling.slipOf("BACKND", known)).isEqualTo("BACKEND");
    }
}
