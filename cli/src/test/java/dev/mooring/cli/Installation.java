// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The launcher as it lies in a clone and in a distribution, with the jars of this build. */
public final class Installation {

    private static final Path MODULE = Path.of("").toAbsolutePath();
    private static final Path BUILT_JARS = MODULE.resolve("target/lib");

    private Installation() {}

    /** A directory that looks like a clone that was built; answers its launcher. */
    public static Path clone(Path root) throws IOException {
        Files.createDirectories(root.resolve("cli/target"));
        Files.createSymbolicLink(root.resolve("cli/target/lib"), BUILT_JARS);
        return launcher(root);
    }

    /** A distribution; answers its launcher. */
    static Path distribution(Path root) throws IOException {
        Files.createDirectories(root.resolve("backends"));
        Files.createSymbolicLink(root.resolve("lib"), BUILT_JARS);
        return launcher(Files.createDirectories(root.resolve("bin")));
    }

    /** The launcher alone. */
    static Path launcher(Path directory) throws IOException {
        return Files.copy(
                MODULE.resolveSibling("mooring"), directory.resolve("mooring"), StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** Removes the links to the jars, before whatever removes the installation complains of them. */
    public static void unlink(Path root) throws IOException {
        for (Path link : new Path[] {root.resolve("cli/target/lib"), root.resolve("lib")}) {
            if (Files.isSymbolicLink(link)) {
                Files.delete(link);
            }
        }
    }

    /** The jars of this build. */
    static Path builtJars() {
        return BUILT_JARS;
    }
}
