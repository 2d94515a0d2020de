// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The launcher where it was installed. */
final class Installed {

    private static final long LIMIT_SECONDS = 150;

    private Installed() {}

    /** A directory that looks like a clone that was built, with links to the jars of this build; answers its launcher. */
    static Path clone(Path root) throws IOException {
        Path lib = Files.createDirectories(root.resolve("cli/target/lib"));
        for (String jar : Jars.in(Jars.builtLib())) {
            Files.createSymbolicLink(lib.resolve(jar), Jars.builtLib().resolve(jar));
        }
        return Files.copy(
                Jars.module().resolveSibling("mooring"), root.resolve("mooring"), StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** What a run of it said. */
    record Said(int status, String out, String err) {

        /** The same wherever it is installed: jars without the directories they lie in. */
        Said withoutDirectories() {
            return new Said(status, out.replaceAll("/\\S*/", ""), err.replaceAll("/\\S*/", ""));
        }
    }

    static Said run(Path script, Path directory, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(directory, "said", ".out");
        Path err = Files.createTempFile(directory, "said", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MOORING_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("still running after " + LIMIT_SECONDS + " s: " + command);
            }
        } finally {
            process.destroyForcibly();
        }
        return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
