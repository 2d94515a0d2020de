// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.InstalledBackends;
import dev.mooring.cli.terminal.TestTerminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the README says of the command line is what the command line says. */
class ReadmeTest {

    private final String readme = read(Path.of("../README.md"));

    @Test
    void hasARowForEveryBackendThatIsShipped() {
        TestTerminal terminal = TestTerminal.plain();
        assertThat(Main.run(terminal.terminal(), "backends")).isZero();
        List<String> names = InstalledBackends.find().backends().stream()
                .map(InstalledBackends.Backend::name)
                .toList();
        assertThat(names).isNotEmpty();
        for (String name : names) {
            String row = readme.lines()
                    .filter(line -> line.startsWith("|") && line.contains("`" + name + "`"))
                    .filter(line -> line.contains("| `mooring-backend-" + name + "` |"))
                    .findAny()
                    .orElseThrow(() -> new AssertionError("README.md has no row for the backend " + name));
            String said = terminal.out().substring(terminal.out().indexOf(name + System.lineSeparator()));
            boolean survivesPowerCut = said.lines()
                    .filter(line -> line.trim().startsWith("durability"))
                    .findFirst()
                    .orElse("")
                    .contains("power-loss");
            assertThat(row.contains("| a power cut at any moment |")).as(row).isEqualTo(survivesPowerCut);
        }
    }

    @Test
    void namesOnlyOptionsThatExist() {
        TestTerminal terminal = TestTerminal.plain();
        assertThat(Main.run(terminal.terminal(), "demo", "--help")).isZero();
        for (String option : List.of("--backend", "--input", "--seed", "--data")) {
            assertThat(readme).contains("`" + option + " ");
            assertThat(terminal.out()).contains(option);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
