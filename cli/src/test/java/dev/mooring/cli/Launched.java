// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The launcher, run as a user runs it: in a process of its own, its output in pipes. */
public final class Launched implements AutoCloseable {

    private static final Pattern SERVER = Pattern.compile("n[123] is process (\\d+) on .*");
    private static final long EXIT_LIMIT_SECONDS = 150;

    private final Process process;
    private final Path errors;
    private final BufferedReader output;
    private final List<String> lines = new ArrayList<>();

    private Launched(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Runs a script.
     *
     * @param environment variables to set beside those of this process
     * @param directory current directory of the new process
     */
    public static Launched run(Path script, Map<String, String> environment, Path directory, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        Path errors = Files.createTempFile(directory, "launched", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("MOORING_OPTS");
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return new Launched(process, errors);
    }

    /** Reads standard output up to the first line that holds a text; answers whether one did. */
    public boolean printed(String text) throws IOException {
        String line;
        while ((line = output.readLine()) != null) {
            lines.add(line);
            if (line.contains(text)) {
                return true;
            }
        }
        return false;
    }

    /** Waits for the end and answers the exit status. */
    public int exitStatus() throws IOException, InterruptedException {
        output.lines().forEach(lines::add);
        if (!process.waitFor(EXIT_LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + EXIT_LIMIT_SECONDS + " s: " + out());
        }
        return process.exitValue();
    }

    /** Kills it, as {@code kill -9} does, when this time has passed or it has ended by itself. */
    public void killAfter(long millis) throws InterruptedException {
        if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
        process.waitFor();
    }

    /** What was read of standard output so far. */
    public String out() {
        return String.join("\n", lines);
    }

    /** Standard error. */
    public String err() throws IOException {
        return Files.readString(errors);
    }

    /** All that it has said, for the description of a failure. */
    @Override
    public String toString() {
        try {
            return out() + "\n" + err();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** The server processes that the output so far has named. */
    List<ProcessHandle> servers() {
        List<ProcessHandle> servers = new ArrayList<>();
        for (String line : lines) {
            Matcher matcher = SERVER.matcher(line.trim());
            if (matcher.matches()) {
                ProcessHandle.of(Long.parseLong(matcher.group(1))).ifPresent(servers::add);
            }
        }
        return servers;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
