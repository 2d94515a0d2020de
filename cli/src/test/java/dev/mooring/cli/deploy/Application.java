// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A program that knows the API and no backend. One jar, compiled once; how it is started is up to the operator. */
final class Application {

    private static final String MAIN = """
            package orders;

            import static java.nio.charset.StandardCharsets.UTF_8;

            import dev.mooring.*;
            import java.util.List;

            public final class Orders {
                public static void main(String[] arguments) throws Exception {
                    StorageConfig config = StorageConfig.fromEnvironment();
                    try (RaftStorage storage = RaftStorage.open(config)) {
                        RaftGroup group = storage.group("orders");
                        LogEntry entry = LogEntry.of(group.lastIndex() + 1, 1, "an order".getBytes(UTF_8));
                        group.saveEntries(new TermAndVote(1, "n1"), List.of(entry));
                    }
                    try (RaftStorage storage = RaftStorage.open(config)) {
                        RaftGroup group = storage.group("orders");
                        LogEntry entry = group.get(group.lastIndex());
                        System.out.println(storage.backend() + " keeps " + UTF_8.decode(entry.payload()) + " at "
                                + entry.index() + ", storage of " + RaftStorage.class.getModule());
                    }
                }
            }
            """;
    private static final String MODULE = "module orders { requires dev.mooring.spi; }";
    private static final long LIMIT_SECONDS = 150;

    private final Path jar;

    private Application(Path jar) {
        this.jar = jar;
    }

    /** Compiles it, against the API alone. */
    static Application compile(Path directory) throws IOException {
        return new Application(new SourceJar()
                .source("module-info.java", MODULE)
                .source("orders/Orders.java", MAIN)
                .write(
                        directory.resolve("orders.jar"),
                        directory,
                        "--module-path",
                        Jars.spi().toString()));
    }

    /** Its jar, to put on a path. */
    Path jar() {
        return jar;
    }

    /** A start on the class path; more of it is said by the methods of what is answered. */
    Start onClassPath(Path directory, List<Path> jars) {
        return new Start(directory).java("-cp", Jars.path(Jars.with(jar, jars)), "orders.Orders");
    }

    /** A start as a module, with jars beside it on the module path and others on the class path. */
    Start onModulePath(Path directory, List<Path> modules, List<Path> classPath) {
        Start start = new Start(directory).java("--module-path", Jars.path(Jars.with(jar, modules)));
        if (!classPath.isEmpty()) {
            start.java("-cp", Jars.path(classPath));
        }
        return start.java("--module", "orders/orders.Orders");
    }

    /**
     * How it ended.
     *
     * @param status exit status of the process
     */
    record Ended(int status, String out, String err) {}

    /** One start, in a JVM of its own, without any flag that a user would have to know. */
    static final class Start {

        private final Path directory;
        private final List<String> arguments = new ArrayList<>();
        private final List<String> properties = new ArrayList<>();
        private final Map<String, String> variables = new TreeMap<>();

        private Start(Path directory) {
            this.directory = directory;
        }

        private Start java(String... more) {
            arguments.addAll(List.of(more));
            return this;
        }

        /** As {@code -Dmooring.backend=name}. */
        Start backend(String name) {
            properties.add("-Dmooring.backend=" + name);
            return this;
        }

        /** As on a machine of this architecture, for whoever asks Java. */
        Start onMachine(String architecture) {
            properties.add("-Dos.arch=" + architecture);
            return this;
        }

        Start variable(String name, String value) {
            variables.put(name, value);
            return this;
        }

        Ended run() throws IOException, InterruptedException {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")); // they start faster, that is all
            command.add("-Dmooring.directory=" + directory.resolve("data"));
            command.addAll(properties);
            command.addAll(arguments);
            Path out = Files.createTempFile(directory, "orders", ".out");
            Path err = Files.createTempFile(directory, "orders", ".err");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("MOORING_") || name.startsWith("JDK_JAVA"));
            builder.environment().putAll(variables);
            Process process = builder.start();
            try {
                if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("still running after " + LIMIT_SECONDS + " s: " + command);
                }
            } finally {
                process.destroyForcibly();
            }
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        }
    }
}
