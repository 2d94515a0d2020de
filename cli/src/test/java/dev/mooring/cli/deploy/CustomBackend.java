// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy;

import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The backends of the examples, compiled from their sources as somebody else's would be. */
public final class CustomBackend {

    private static final Path EXAMPLES = Jars.module().resolveSibling("examples/src/main/java");

    private CustomBackend() {}

    /**
     * Writes the jar of one that keeps nothing, under a name of its own choice.
     *
     * @param work directory for what is needed only meanwhile
     */
    static Path named(String name, Path jar, Path work) throws IOException {
        return write("memory", "MemoryStorageProvider", name, jar, work);
    }

    /**
     * Writes the jar of one that survives a power cut, {@code journal}.
     *
     * @param work directory for what is needed only meanwhile
     */
    public static Path journal(Path jar, Path work) throws IOException {
        return write("journal", "JournalStorageProvider", "journal", jar, work);
    }

    /** The provider in this jar, which is on no class path: its loader stays open for as long as the tests run. */
    public static StorageProvider provider(Path jar) throws MalformedURLException {
        URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        return ServiceLoader.load(StorageProvider.class, loader).stream()
                .filter(provider -> provider.type().getClassLoader() == loader)
                .map(ServiceLoader.Provider::get)
                .findFirst()
                .orElseThrow();
    }

    private static Path write(String example, String provider, String name, Path jar, Path work) throws IOException {
        Path folder = EXAMPLES.resolve("dev/mooring/examples").resolve(example);
        SourceJar made = new SourceJar();
        for (Path source : sources(folder)) {
            String text = Files.readString(source)
                    .lines()
                    .filter(line -> !line.contains("AutoService")) // registered by hand, below
                    .collect(Collectors.joining("\n"))
                    .replace("return \"" + example + '"', "return \"" + name + '"');
            made.source(EXAMPLES.relativize(source).toString(), text);
        }
        return made.registers("dev.mooring.examples." + example + '.' + provider)
                .write(jar, work, "-cp", System.getProperty("java.class.path"));
    }

    private static List<Path> sources(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
