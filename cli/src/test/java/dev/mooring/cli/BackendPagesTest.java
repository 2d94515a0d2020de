// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.InstalledBackends;
import dev.mooring.spi.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of settings of a backend's page names the options that the backend has, with their defaults and bounds. */
class BackendPagesTest {

    private static final List<String> UNITS = List.of("", " KiB", " MiB", " GiB", " TiB");

    static List<InstalledBackends.Backend> backends() {
        return InstalledBackends.find().backends();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void nameEveryOptionAndNoOther(InstalledBackends.Backend backend) throws IOException {
        Path page = Path.of("../docs/backend-" + backend.name() + ".md");
        assertThat(settingsIn(page, backend.name()))
                .as(page.toString())
                .isEqualTo(backend.provider().options().stream()
                        .map(BackendPagesTest::row)
                        .toList());
    }

    /** Name, default and bounds of each, as the page has them. */
    private static List<String> settingsIn(Path page, String backend) throws IOException {
        return Files.readAllLines(page).stream()
                .dropWhile(line -> !line.startsWith("| `mooring." + backend + ".…` | default | bounds |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> line.split("\\|"))
                .map(cells -> cells[1] + "|" + cells[2] + "|" + cells[3])
                .toList();
    }

    private static String row(Option option) {
        boolean isNumber = option.type() == Option.Type.NUMBER;
        String usual = isNumber ? number(option, Long.parseLong(option.defaultValue())) : code(option.defaultValue());
        return " " + code(option.name()) + " | " + usual + " | " + bounds(option) + " ";
    }

    private static String bounds(Option option) {
        return switch (option.type()) {
            case NUMBER -> number(option, option.minimum()) + " to " + number(option, option.maximum());
            case FLAG -> code("true") + ", " + code("false");
            case CHOICE -> option.choices().stream().map(BackendPagesTest::code).collect(Collectors.joining(", "));
            case TEXT -> "any text";
        };
    }

    private static String number(Option option, long number) {
        int unit = 0;
        long left = number;
        while (option.unit().equals("bytes") && left % 1024 == 0 && left > 0) {
            left /= 1024;
            unit++;
        }
        return left + UNITS.get(unit);
    }

    private static String code(String word) {
        return "`" + word + "`";
    }
}
