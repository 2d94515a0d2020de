// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionTest {

    private static final Option SIZE =
            Option.number("segment-bytes", 1 << 20, "bytes", 512, 1L << 40, "size of a segment");

    @ParameterizedTest
    @CsvSource({
        "512, 512",
        "0512, 512",
        "' 4096\t', 4096",
        "1KiB, 1024",
        "64 MiB, 67108864",
        "2gib, 2147483648",
        "1024GiB, 1099511627776"
    })
    void readsNumbersAndSizes(String written, String kept) {
        assertThat(SIZE.read(written)).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "511",
                "1025GiB",
                "-1",
                "-1KiB",
                "1.5",
                "1e6",
                "0x400",
                "1_024",
                "1KB",
                "1k",
                "KiB",
                "1 024",
                "99999999999999999999",
                "9223372036854775807GiB",
                "9007199254740993KiB",
                "512\0",
                "\0512",
                "\uff15\uff11\uff12",
                "\u0665\u0661\u0662",
                "1\u212aiB",
                "+512",
                "512;",
                "NaN"
            })
    void saysWhatToWriteInsteadOfWhatIsNoNumberInBounds(String written) {
        assertThatThrownBy(() -> SIZE.read(written))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a whole number from 512 to 1099511627776 bytes (KiB, MiB or GiB may follow):"
                        + " size of a segment");
    }

    @Test
    void readsFlagsWordsAndTexts() {
        assertThat(Option.flag("direct", "false", "h").read(" true ")).isEqualTo("true");
        assertThatThrownBy(() -> Option.flag("direct", "false", "h").read("yes"))
                .hasMessage("'true' or 'false': h");
        Option choice = Option.choice("sync", "always", List.of("always", "never"), "h");
        assertThat(choice.read("never ")).isEqualTo("never");
        assertThatThrownBy(() -> choice.read("")).hasMessage("one of always, never: h");
        assertThat(Option.text("path", "", "h").read(" a b ")).isEqualTo("a b");
    }

    @Test // PROV-3
    void anUnknownOptionIsRefusedByName() {
        assertThatThrownBy(() -> Options.of("files", List.of(SIZE), Map.of("segmentbytes", "1")))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("'segmentbytes'")
                .hasMessageContaining("segment-bytes");
    }

    @Test
    void aDefaultThatDoesNotFitIsTheBackendsMistakeAndSaidSo() {
        Option broken = new Option("n", Option.Type.NUMBER, "many", "", 1, 2, List.of(), "h");
        assertThatThrownBy(() -> Options.of("files", List.of(broken), Map.of()))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("declares the default 'many' for mooring.files.n");
    }
}
