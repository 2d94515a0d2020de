// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.first;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstStepsTest {

    @TempDir
    private Path directory;

    @Test
    void whatIsSavedIsThereTheNextTime() throws IOException {
        Path properties = Files.writeString(
                directory.resolve("mooring.properties"),
                "mooring.backend=files\nmooring.directory=" + directory.resolve("data"));
        assertThat(outputOf(properties)).containsExactly("0 hello");
        assertThat(outputOf(properties)).containsExactly("0 hello", "1 hello");
    }

    @Test
    void theReadmeShowsExactlyThisProgram() throws IOException {
        String source = Files.readString(Path.of("src/main/java/dev/mooring/examples/first/FirstSteps.java"));
        String shown = source.substring(
                source.indexOf("// README begins\n") + "// README begins\n".length(),
                source.lastIndexOf("        // README ends"));
        assertThat(Path.of("../README.md"))
                .content()
                .contains("```java\n" + shown.stripTrailing().stripIndent() + "\n```\n");
    }

    private static Iterable<String> outputOf(Path properties) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(bytes, true, UTF_8));
        try {
            FirstSteps.main(new String[] {properties.toString()});
        } finally {
            System.setOut(out);
        }
        return bytes.toString(UTF_8).lines().toList();
    }
}
