// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PropertiesFileTest {

    @TempDir
    Path dir;

    @Test
    void everyPropertyKnowsTheLineItBeginsOn() throws IOException {
        List<Setting> settings = read("""
                # mooring.node=commented \\
                mooring.backend = files

                ! another comment
                mooring.directory=/data/\\
                    # not a comment/\\
                    node
                mooring.node:n1
                """);
        assertThat(settings)
                .extracting(Setting::key, Setting::value, s -> s.origin().place())
                .containsExactly(
                        tuple("mooring.backend", "files", 2),
                        tuple("mooring.directory", "/data/# not a comment/node", 5),
                        tuple("mooring.node", "n1", 8));
    }

    @Test
    void linesMayEndAsOnAnySystem() throws IOException {
        assertThat(read("a=1\r\nb=2\rc=3\nd=4"))
                .extracting(Setting::key, Setting::value, s -> s.origin().place())
                .containsExactly(tuple("a", "1", 1), tuple("b", "2", 2), tuple("c", "3", 3), tuple("d", "4", 4));
    }

    @Test
    void theFileIsInUtf8AndEscapesWorkToo() throws IOException {
        assertThat(read("\uFEFFmooring.directory=/gr\u00f6\u00dfe/\\u00e4"))
                .extracting(Setting::value)
                .containsExactly("/gr\u00f6\u00dfe/\u00e4");
    }

    @Test
    void aPropertyThatStandsThereTwiceIsRefusedWithBothLines() {
        assertThatThrownBy(() -> read("mooring.backend=files\n\nmooring.backend=lmdb\n"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("mooring.backend is set twice")
                .hasMessageContaining("line 1 ")
                .hasMessageContaining("line 3;");
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() throws IOException {
        Path file = Files.write(
                dir.resolve("latin1.properties"), "a=gr\u00f6\u00dfe".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> PropertiesFile.read(file))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("UTF-8");
    }

    @Test
    void aBackslashOfAWindowsPathIsExplained() {
        assertThatThrownBy(() -> read("a=1\nmooring.directory=C:\\users\\x"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("backslash");
    }

    @Test
    void aMissingFileADirectoryAndAHugeFileAreRefused() throws IOException {
        Path huge = Files.write(dir.resolve("huge"), new byte[(1 << 20) + 1]);
        for (Path file : List.of(dir.resolve("absent"), dir, huge)) {
            assertThatThrownBy(() -> PropertiesFile.read(file))
                    .isInstanceOf(StorageException.Refused.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\n", "\\", "#", "\\\n", "=", "a", "a=\\", "a\\=b=c", " \t\f", "a=b\\\n\n\nc=d", "\0=\0"})
    void readsWhatPropertiesReads(String text) throws IOException {
        assertThat(values(text)).isEqualTo(properties(text));
    }

    @Test
    void readsWhatPropertiesReadsOfAnyText() throws IOException {
        String alphabet = "ab=: \\\n\r\t\f#!";
        for (long seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(30); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(values(text.toString()))
                    .as("seed %d: %s", seed, Quoting.quote(text.toString()))
                    .isEqualTo(properties(text.toString()));
        }
    }

    private static Map<String, String> properties(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        Map<String, String> values = new TreeMap<>();
        properties.forEach((key, value) -> values.put((String) key, (String) value));
        return values;
    }

    private Map<String, String> values(String text) throws IOException {
        Map<String, String> values = new TreeMap<>();
        read(text).forEach(setting -> values.put(setting.key(), setting.value()));
        return values;
    }

    private List<Setting> read(String text) throws IOException {
        return PropertiesFile.read(Files.writeString(dir.resolve("mooring.properties"), text));
    }

    private org.assertj.core.groups.Tuple tuple(String key, String value, int line) {
        return org.assertj.core.api.Assertions.tuple(key, value, dir.resolve("mooring.properties") + ", line " + line);
    }
}
