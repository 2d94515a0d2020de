// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTest {

    @TempDir
    private Path directory;

    @Test
    void theBundledTextHasSomeThousandLines() throws IOException {
        Text text = Text.bundled();
        assertThat(text.lastLine()).isGreaterThan(4_000);
        assertThat(text.totalBytes()).isLessThan(300_000);
        assertThat(string(text, 1)).isEqualTo("THE BOOK OF PSALMS");
        assertThat(string(text, text.lastLine())).endsWith("LORD.");
    }

    @Test
    void linesAreKeptAsBytesWhateverTheirCharacterSet() throws IOException {
        byte[] latin1 = ("gr\u00fc\u00df\r\n\n" + "x\n".repeat(Text.MIN_LINES) + "no newline")
                .getBytes(StandardCharsets.ISO_8859_1);
        Text text = Text.read(Files.write(directory.resolve("latin1"), latin1));
        assertThat(text.lastLine()).isEqualTo(Text.MIN_LINES + 3);
        assertThat(text.line(1)).isEqualTo("gr\u00fc\u00df\r".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(text.line(2)).isEmpty();
        assertThat(string(text, text.lastLine())).isEqualTo("no newline");
        assertThat(text.totalBytes()).isEqualTo(latin1.length);
    }

    @Test
    void aFileThatCannotBeLoadedIsRefusedWithWhatToDo() throws IOException {
        refused(directory.resolve("absent"), "There is no file");
        refused(directory, "is a directory");
        refused(Files.createFile(directory.resolve("empty")), "has 0 lines");
        refused(write("short", "x\n".repeat(Text.MIN_LINES - 1)), "has 99 lines");
        refused(write("wide", "y".repeat(Text.MAX_LINE_BYTES + 1) + "\nx".repeat(200)), "Line 1 of");
        refused(write("long", "\n".repeat(Text.MAX_LINES + 1)), "more than 1,000,000 lines");
    }

    @Test
    void theLargestLineIsAccepted() throws IOException {
        Text text = Text.read(write("widest", "x\n".repeat(Text.MIN_LINES) + "y".repeat(Text.MAX_LINE_BYTES)));
        assertThat(text.line(Text.MIN_LINES + 1)).hasSize(Text.MAX_LINE_BYTES);
    }

    private void refused(Path file, String reason) {
        assertThatThrownBy(() -> Text.read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(reason)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("--input FILE");
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    private static String string(Text text, int line) {
        return new String(text.line(line), StandardCharsets.UTF_8);
    }
}
