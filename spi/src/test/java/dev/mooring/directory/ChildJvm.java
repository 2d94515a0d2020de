// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another process that runs {@link LockHolderMain}. */
final class ChildJvm implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;

    private ChildJvm(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts it, by way of {@code prefix}, such as a command that changes the user. */
    static ChildJvm opening(Path directory, String... prefix) throws IOException {
        return new ChildJvm(start(directory, List.of(), prefix));
    }

    /** Starts one that locks the directory and writes nothing, as a migration that reads it. */
    static ChildJvm locking(Path directory) throws IOException {
        return new ChildJvm(start(directory, List.of(LockHolderMain.ONLY_LOCK)));
    }

    private static Process start(Path directory, List<String> more, String... prefix) throws IOException {
        List<String> command = new ArrayList<>(List.of(prefix));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-cp");
        command.add(classPathEntry(DataDirectory.class) + File.pathSeparator + classPathEntry(LockHolderMain.class));
        command.add(LockHolderMain.class.getName());
        command.add(directory.toString());
        command.addAll(more);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** What it says first: {@code open}, or why it was refused; {@code null} if it ended without a word. */
    String answer() throws IOException {
        return String.valueOf(output.readLine());
    }

    long pid() {
        return process.pid();
    }

    /** Ends it as SIGKILL does, and waits until it is gone. */
    void kill() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() throws IOException {
        kill();
        output.close();
    }

    static Path classPathEntry(Class<?> type) {
        String resource = type.getName().replace('.', '/') + ".class";
        URL url = type.getClassLoader().getResource(resource);
        try {
            Path entry = Path.of(url.toURI());
            for (int level = Path.of(resource).getNameCount(); level > 0; level--) {
                entry = entry.getParent();
            }
            return entry;
        } catch (URISyntaxException e) {
            throw new AssertionError(url.toString(), e);
        }
    }
}
