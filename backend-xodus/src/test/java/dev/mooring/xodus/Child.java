// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own, for what depends on its flags or is traced: it runs one static method of a test class with one directory. */
final class Child {

    private final List<String> before = new ArrayList<>();
    private final List<String> flags = new ArrayList<>();

    /** How a child ended: its exit status and all it printed. */
    record End(int status, String output) {}

    /** Puts a command in front, such as a tracer. */
    Child under(String... command) {
        before.addAll(List.of(command));
        return this;
    }

    /** Adds a flag of the JVM; one that this version does not know is ignored. */
    Child with(String flag) {
        flags.add(flag);
        return this;
    }

    End run(Class<?> test, String method, Path directory) throws IOException, InterruptedException {
        Path output = Files.createTempFile("child", ".txt");
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.addAll(List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + output + ".hs"));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
        command.addAll(List.of(test.getName(), method, directory.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("the child did not end: " + Files.readString(output));
        }
        String printed = Files.readString(output, StandardCharsets.ISO_8859_1);
        Files.delete(output);
        Files.deleteIfExists(Path.of(output + ".hs"));
        return new End(process.exitValue(), printed);
    }

    /** Runs in the child. */
    public static void main(String[] arguments) throws Exception {
        var method = Class.forName(arguments[0]).getDeclaredMethod(arguments[1], Path.class);
        method.setAccessible(true);
        method.invoke(null, Path.of(arguments[2]));
        System.out.println("the child ended well");
    }
}
