// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** The backend of the examples, compiled from its sources as somebody else's would be. */
final class CustomBackend {

    private static final String PACKAGE = "dev/mooring/examples/memory/";

    private CustomBackend() {}

    /**
     * Writes its jar, under a name of its own choice.
     *
     * @param work directory for what is needed only meanwhile
     */
    static Path named(String name, Path jar, Path work) throws IOException {
        String provider = source("MemoryStorageProvider.java")
                .lines()
                .filter(line -> !line.contains("AutoService")) // registered by hand, below
                .collect(Collectors.joining("\n"));
        return new SourceJar()
                .source(PACKAGE + "MemoryBackend.java", source("MemoryBackend.java"))
                .source(PACKAGE + "MemoryStorageProvider.java", provider.replace("\"memory\"", '"' + name + '"'))
                .registers("dev.mooring.examples.memory.MemoryStorageProvider")
                .write(jar, work, "-cp", System.getProperty("java.class.path"));
    }

    private static String source(String file) throws IOException {
        return Files.readString(
                Jars.module().resolveSibling("examples/src/main/java").resolve(PACKAGE + file));
    }
}
