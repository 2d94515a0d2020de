// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WritingABackendTest {

    private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @Test
    void theGuideShowsCodeThatCompiles() throws IOException {
        String sources = Stream.of(
                        "src/main/java/dev/mooring/examples/memory/MemoryBackend.java",
                        "src/main/java/dev/mooring/examples/journal/JournalStorageProvider.java",
                        "src/main/java/dev/mooring/examples/journal/JournalBackend.java",
                        "src/test/java/dev/mooring/examples/journal/JournalTckTest.java",
                        "../spi/src/test/java/dev/mooring/spi/ordered/SortedEngine.java",
                        "../backend-lmdb/src/main/java/dev/mooring/lmdb/LmdbStorageProvider.java",
                        "../backend-lmdb/src/test/java/dev/mooring/lmdb/ForcedTest.java")
                .map(Path::of)
                .map(WritingABackendTest::read)
                .collect(Collectors.joining());
        Matcher code = CODE.matcher(Files.readString(Path.of("../docs/writing-a-backend.md")));
        int blocks = 0;
        for (; code.find(); blocks++) {
            assertThat(sources).contains(code.group(1));
        }
        assertThat(blocks).isGreaterThan(3);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
