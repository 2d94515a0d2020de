// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The text that is loaded, as lines of bytes: whatever its character set, what is read back is compared byte for byte.
 *
 * @param name how the text is called on the screen
 * @param lines without their newlines; line 1 is at position 0
 * @param totalBytes size of the whole text
 */
record Text(String name, List<byte[]> lines, long totalBytes) {

    static final int MIN_LINES = 100; // below that the kills would not fall into the load
    static final int MAX_LINES = 1_000_000;
    static final int MAX_LINE_BYTES = 64 * 1024;
    static final int MAX_BYTES = 64 * 1024 * 1024;

    private static final String BUNDLED = "psalms.txt";

    /** The text that comes with the program. */
    static Text bundled() throws IOException {
        try (InputStream in = Text.class.getResourceAsStream(BUNDLED)) {
            if (in == null) {
                throw new IOException("The bundled text " + BUNDLED + " is missing from the program's jar");
            }
            return parse("the Book of Psalms, King James Version of 1611 (public domain)", in.readAllBytes());
        }
    }

    /** The lines of a file, refused if the demonstration cannot be told with them. */
    static Text read(Path file) {
        if (Files.isDirectory(file)) {
            throw new UserError(file + " is a directory. Name a text file: --input FILE");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new UserError(
                    "There is no file " + file + ". Name a text file: --input FILE, or leave the option out for the"
                            + " bundled text",
                    e);
        } catch (IOException e) {
            throw new UserError(file + " cannot be read (" + e + "). Check its permissions, or name another file", e);
        }
        if (bytes.length > MAX_BYTES) {
            throw new UserError(file + " has more than " + Screen.size(MAX_BYTES)
                    + ", which the servers would keep in memory. Name a smaller text: --input FILE");
        }
        return parse(file.toString(), bytes);
    }

    private static Text parse(String name, byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        while (start < bytes.length) {
            int end = start;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            if (end - start > MAX_LINE_BYTES) {
                throw new UserError("Line " + Screen.count(lines.size() + 1L) + " of " + name + " has "
                        + Screen.count(end - start) + " bytes; a line may have " + Screen.count(MAX_LINE_BYTES)
                        + ". Name a text with shorter lines: --input FILE");
            }
            lines.add(Arrays.copyOfRange(bytes, start, end));
            start = end + 1;
            if (lines.size() > MAX_LINES) {
                throw new UserError(name + " has more than " + Screen.count(MAX_LINES)
                        + " lines. Name a shorter text: --input FILE");
            }
        }
        if (lines.size() < MIN_LINES) {
            throw new UserError(name + " has " + lines.size() + " lines; the demonstration needs at least " + MIN_LINES
                    + ", so that its kills fall into the load. Name a longer text: --input FILE");
        }
        return new Text(name, List.copyOf(lines), bytes.length);
    }

    /** Number of lines, which is also the number of the last one. */
    int lastLine() {
        return lines.size();
    }

    /** The line of this number, from 1. */
    byte[] line(int number) {
        return lines.get(number - 1);
    }
}
