// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Reads a file as {@link Properties} does, and remembers on which line each property begins. Two differences: the file is
 * in UTF-8 (escapes work too), and a property that stands there twice is refused, for one of the two lines is a mistake.
 */
final class PropertiesFile {

    private static final int MAX_BYTES = 1 << 20;

    private final Path file;
    private final Map<String, Setting> settings = new TreeMap<>();
    private final Map<String, Integer> lines = new TreeMap<>();

    private PropertiesFile(Path file) {
        this.file = file;
    }

    /** Every property of the file. */
    static List<Setting> read(Path file) throws IOException {
        PropertiesFile properties = new PropertiesFile(file);
        properties.parse(text(file));
        return List.copyOf(properties.settings.values());
    }

    private static String text(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new StorageException.Refused(
                    "The configuration file " + file.toAbsolutePath() + " does not exist; create it, or name another",
                    e);
        } catch (IOException e) {
            throw new StorageException.Refused(
                    "The configuration file " + file.toAbsolutePath() + " cannot be read: " + e
                            + ". It must be a file that this process may read",
                    e);
        }
        if (bytes.length > MAX_BYTES) {
            throw new StorageException.Refused(
                    file + " has more than " + MAX_BYTES + " bytes, too many for a configuration file; name another");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text; // some editors begin a file with this mark
        } catch (CharacterCodingException e) {
            throw new StorageException.Refused(
                    file + " is not in UTF-8; save it as UTF-8, or write characters beyond ASCII as \\u00e4", e);
        }
    }

    // Only the cutting into logical lines is done here, so that they can be counted; what a line means is left to
    // Properties itself.
    private void parse(String text) throws StorageException {
        String[] natural = text.split("\r\n|\r|\n", -1);
        int next = 0;
        while (next < natural.length) {
            int first = next++;
            if (isBlankOrComment(natural[first])) {
                continue;
            }
            StringBuilder logical = new StringBuilder(natural[first]);
            while (next < natural.length && goesOn(natural[next - 1])) {
                logical.append('\n').append(natural[next++]);
            }
            if (next < natural.length) {
                logical.append('\n'); // a lone backslash means one thing at the end of the file and another before
            }
            add(logical.toString(), first + 1);
        }
    }

    private static boolean isBlankOrComment(String line) {
        int i = 0;
        while (i < line.length() && " \t\f".indexOf(line.charAt(i)) >= 0) {
            i++;
        }
        return i == line.length() || line.charAt(i) == '#' || line.charAt(i) == '!';
    }

    private static boolean goesOn(String line) {
        int backslashes = 0;
        while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private void add(String logicalLine, int number) throws StorageException {
        Properties one = new Properties();
        try {
            one.load(new StringReader(logicalLine));
        } catch (IllegalArgumentException e) {
            throw new StorageException.Refused(
                    file + ", line " + number
                            + ": after \\u come four hexadecimal digits; write a backslash as \\\\, or use / in paths",
                    e);
        } catch (IOException e) {
            throw new AssertionError("a string was read", e);
        }
        for (String key : one.stringPropertyNames()) {
            Integer earlier = lines.putIfAbsent(key, number);
            if (earlier != null && key.startsWith(CoreKey.PREFIX)) {
                throw new StorageException.Refused(Quoting.escape(key) + " is set twice in " + file + ", on line "
                        + earlier + " and on line " + number + "; remove one of them");
            }
            settings.put(key, new Setting(key, one.getProperty(key), Origin.line(file.toString(), number)));
        }
    }
}
