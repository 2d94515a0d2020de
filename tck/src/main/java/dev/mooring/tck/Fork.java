// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Another JVM with the same class path, whose lines of output are read as they come. */
final class Fork implements AutoCloseable {

    static final String ERRORS = "stderr-";
    private static final int LONGEST_COMPLAINT = 4000;
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final BufferedReader lines;
    private final Path errors;

    private Fork(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts a class of the kit in a JVM of its own.
     *
     * @param directory is its working directory and the one for temporary files
     */
    static Fork start(Class<?> main, Path directory, List<String> arguments) throws IOException {
        return start(List.of(), List.of(), main, directory, arguments);
    }

    /**
     * The same under another program.
     *
     * @param under command line that is put in front, such as a tracer's
     * @param flags of the JVM, beside those that it inherits
     */
    static Fork start(List<String> under, List<String> flags, Class<?> main, Path directory, List<String> arguments)
            throws IOException {
        Path errors = Files.createTempFile(directory, ERRORS, ".txt");
        List<String> command = new ArrayList<>(under);
        command.addAll(List.of(
                java(),
                "-cp",
                classPath(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + directory));
        command.addAll(inheritedFlags());
        command.addAll(flags);
        command.add(main.getName());
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(errors.toFile())
                .start();
        return new Fork(process, errors);
    }

    /** The next line; null when the process has ended. What it wrote before it was killed is still read. */
    @Nullable
    String line() throws IOException {
        return lines.readLine();
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly); // a tracer that is killed lets its child run on
        // not Process.destroyForcibly, which closes the pipe before it is read
        boolean ignored = process.toHandle().destroyForcibly();
    }

    int exitStatus() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            kill();
            throw Check.fail("a child process did not end within " + PATIENCE_SECONDS + " seconds");
        }
        return process.exitValue();
    }

    /** Whether the JVM could not find this class, which is the fault of the class path that it was given. */
    boolean didNotBegin(Class<?> main) throws IOException, InterruptedException {
        String text = complaint();
        return exitStatus() == 1 && text.contains(main.getName()) && !text.contains("\tat ");
    }

    /** What it wrote to its error stream: the beginning and the end, where the cause is. */
    String complaint() throws IOException {
        String text = Files.readString(errors);
        return text.length() > LONGEST_COMPLAINT
                ? text.substring(0, LONGEST_COMPLAINT / 2) + "\n...\n"
                        + text.substring(text.length() - LONGEST_COMPLAINT / 2)
                : text;
    }

    @Override
    public void close() throws IOException {
        kill();
        lines.close();
    }

    static String java() {
        return Path.of(System.getProperty("java.home", ""), "bin", "java").toString();
    }

    /** Class path of this JVM, with what is on its module path; absolute, for a child has a working directory of its own. */
    static String classPath() {
        List<String> paths = new ArrayList<>();
        for (String property : List.of("java.class.path", "jdk.module.path")) {
            String value = System.getProperty(property, "");
            if (!value.isEmpty()) {
                for (String path : value.split(File.pathSeparator, -1)) {
                    paths.add(Path.of(path).toAbsolutePath().toString());
                }
            }
        }
        return String.join(File.pathSeparator, paths);
    }

    /** Flags of this JVM that a backend may need: opened packages, native access, properties. Not agents and ports. */
    static List<String> inheritedFlags() {
        List<String> flags = new ArrayList<>();
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-")
                    || flag.startsWith("--enable-native-access")
                    || flag.startsWith("--sun-misc")
                    || (flag.startsWith("-D") && !flag.startsWith("-Djava.io.tmpdir"))
                    || flag.startsWith("-Xmx")) {
                flags.add(flag);
            }
        }
        for (String property : List.of(Settings.SEED, Settings.QUICK, Settings.EXHAUSTIVE)) {
            String value = System.getProperty(property);
            if (value != null) {
                flags.add("-D" + property + "=" + value);
            }
        }
        return flags;
    }
}
