// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who has a directory open, as kept in {@code LOCK.holder}: {@value #BYTES} bytes of ASCII text, lines {@code key=value}
 * with the keys {@code pid}, {@code process-started}, {@code host}, {@code command}, {@code node} and {@code locked-at},
 * filled up with line feeds. It only explains a lock: whatever it says, {@code LOCK} alone decides. It is never removed,
 * so what it says after an end means nothing.
 *
 * @param text the lines, without what fills them up
 */
public record Holder(String text) {

    // always the same length: writing it again needs no space, so a full disk does not keep a server from starting
    private static final int BYTES = 1024;
    private static final int MAX_VALUE_CHARACTERS = 128;
    /** The system computes a start from the time of its boot, which it may set anew between two questions. */
    private static final long SAME_START_MILLIS = 2_000;

    /** What stays as it is as long as the process lives: the system takes its time to tell. */
    private static final class ThisJvm {
        static final String STARTED = ProcessHandle.current()
                .info()
                .startInstant()
                .map(Instant::toString)
                .orElse("unknown");
        static final String PROGRAM = ProcessHandle.current().info().command().orElse("java");
    }

    static Holder thisProcess(@Nullable String node) {
        StringBuilder text = new StringBuilder();
        line(text, "pid", Long.toString(ProcessHandle.current().pid()));
        line(text, "process-started", ThisJvm.STARTED);
        line(text, "host", host());
        line(text, "command", command());
        line(text, "node", node == null ? "" : node);
        line(text, "locked-at", Instant.now().toString());
        return new Holder(text.toString());
    }

    /**
     * Who keeps {@code LOCK} locked, and what to do about it. What the file says may be left of an earlier holder: a reader
     * such as a migration locks and writes nothing, and to stop the process that was named would stop somebody else.
     *
     * @param file {@code LOCK.holder} beside it
     * @return what follows "is open in", without a full stop at its end
     */
    public static String inWords(Path file) {
        Holder named = read(file);
        if (named != null && !named.isGone()) {
            return named.describe() + ". Stop that one, or wait";
        }
        String last = named == null
                ? ""
                : " (LOCK.holder names process " + named.values().get("pid") + ", which no longer runs here)";
        return "a process that has not said who it is, such as 'mooring migrate' reading it" + last
                + ". Wait for its end";
    }

    /** Whether it is a process of this machine that has ended; another one may have its number by now. */
    private boolean isGone() {
        Map<String, String> values = values();
        String pid = values.getOrDefault("pid", "");
        if (!host().equals(values.get("host")) || !pid.matches("[0-9]{1,18}")) {
            return false;
        }
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid)).orElse(null);
        if (process == null) {
            return true;
        }
        try {
            Instant started = Instant.parse(values.getOrDefault("process-started", ""));
            return process.info()
                    .startInstant()
                    .map(now -> Duration.between(started, now).abs().toMillis() > SAME_START_MILLIS)
                    .orElse(false);
        } catch (DateTimeParseException e) {
            return false; // the system does not tell
        }
    }

    /** What the file says; null if it says nothing that can be read. */
    static @Nullable Holder read(Path file) {
        try {
            BasicFileAttributes attributes = Entries.attributes(file);
            if (attributes == null || !attributes.isRegularFile()) {
                return null;
            }
            ByteBuffer bytes = ByteBuffer.allocate(BYTES);
            try (StableFile opened = StableFile.open(file, StandardOpenOption.READ)) {
                opened.read(bytes, 0);
            }
            return new Holder(new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1).trim());
        } catch (IOException e) {
            return null; // it only explains; that the directory is locked is known without it
        }
    }

    /** Not forced: after a power cut nobody holds the lock. */
    void write(Path file) throws IOException {
        byte[] line = text.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).put(line);
        while (bytes.hasRemaining()) {
            bytes.put((byte) '\n');
        }
        try (StableFile opened = Entries.openOwn(file)) {
            opened.write(bytes.flip(), 0);
        }
    }

    /** One half-sentence for an error. */
    String describe() {
        Map<String, String> values = values();
        return "process " + values.getOrDefault("pid", "unknown") + " (" + values.getOrDefault("command", "unknown")
                + ", started " + values.getOrDefault("process-started", "unknown") + ") on host "
                + values.getOrDefault("host", "unknown") + ", since " + values.getOrDefault("locked-at", "unknown");
    }

    private Map<String, String> values() {
        Map<String, String> values = new TreeMap<>();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.putIfAbsent(line.substring(0, equals), printable(line.substring(equals + 1)));
            }
        }
        return values;
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(key).append('=').append(printable(value)).append('\n');
    }

    private static String printable(String value) {
        String plain = value.replaceAll("[^ -~]", "?");
        return plain.length() <= MAX_VALUE_CHARACTERS ? plain : plain.substring(0, MAX_VALUE_CHARACTERS);
    }

    private static String command() {
        // the main class or jar alone: arguments may hold what must not be written down
        String main = System.getProperty("sun.java.command", "").strip().split(" ", 2)[0];
        return main.isEmpty() ? ThisJvm.PROGRAM : ThisJvm.PROGRAM + " " + main;
    }

    private static String host() {
        ByteBuffer name = ByteBuffer.allocate(MAX_VALUE_CHARACTERS);
        try (StableFile kernel = StableFile.open(Path.of("/proc/sys/kernel/hostname"), StandardOpenOption.READ)) {
            kernel.read(name, 0);
            return new String(name.array(), 0, name.position(), StandardCharsets.ISO_8859_1).strip();
        } catch (IOException notLinux) {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                return "unknown";
            }
        }
    }
}
