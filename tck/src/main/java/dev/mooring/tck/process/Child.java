// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own, for what kills one when it goes wrong, depends on its flags or is traced: it runs one static method of a
 * test class with one directory. For tests that run on the class path. Not safe for use by several threads.
 */
public final class Child {

    private static final int PATIENCE_MINUTES = 5;

    private final List<String> before = new ArrayList<>();
    private final List<String> flags = new ArrayList<>();

    /** One that nothing is put in front of, with no flags of its own. */
    public Child() {}

    /**
     * How a child ended.
     *
     * @param status its exit status; 134 or 139 if native code has killed it
     * @param output all it printed, as ISO 8859-1
     */
    public record End(int status, String output) {}

    /**
     * Puts a command in front, such as a tracer.
     *
     * @param command is added to what is there
     * @return this
     */
    public Child under(String... command) {
        before.addAll(List.of(command));
        return this;
    }

    /**
     * Adds a flag of the JVM.
     *
     * @param flag is ignored by a JVM that does not know it
     * @return this
     */
    public Child with(String flag) {
        flags.add(flag);
        return this;
    }

    /**
     * Runs a method to its end.
     *
     * @param test is the class
     * @param method is the name of a static method that takes a {@code Path}, of any visibility
     * @param directory is its argument
     * @return how it ended
     * @throws IOException if no process can be started
     * @throws InterruptedException if this thread is interrupted while it waits
     * @throws AssertionError if the child does not end within five minutes
     */
    public End run(Class<?> test, String method, Path directory) throws IOException, InterruptedException {
        Path output = Files.createTempFile("child", ".txt");
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.addAll(List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + output + ".hs"));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ChildMain.class.getName()));
        command.addAll(List.of(test.getName(), method, directory.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("the child did not end: " + Files.readString(output, StandardCharsets.ISO_8859_1));
        }
        String printed = Files.readString(output, StandardCharsets.ISO_8859_1);
        Files.delete(output);
        Files.deleteIfExists(Path.of(output + ".hs"));
        return new End(process.exitValue(), printed);
    }
}
