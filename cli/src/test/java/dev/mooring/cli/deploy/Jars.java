// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The jars of this build, as they lie beside each other on the class path of the command line. */
final class Jars {

    private static final Path MODULE = Path.of("").toAbsolutePath();
    private static final Path LIB = MODULE.resolve("target/lib");
    private static final Pattern BACKEND = Pattern.compile("mooring-backend-([a-z]+)-\\d.*\\.jar");
    private static final Pattern NOT_OF_AN_ENGINE = Pattern.compile("(mooring|ratis|picocli|progressbar|jline)-.*");

    private Jars() {}

    /** Names of all backends that are shipped. */
    static List<String> backendNames() {
        return named(LIB, BACKEND).stream()
                .map(jar -> BACKEND.matcher(jar.getFileName().toString())
                        .results()
                        .findFirst()
                        .orElseThrow()
                        .group(1))
                .sorted()
                .toList();
    }

    static Path spi() {
        return spi(LIB);
    }

    static Path spi(Path lib) {
        return only(lib, "mooring-spi-\\d.*\\.jar");
    }

    static Path backend(String name) {
        return only(LIB, "mooring-backend-" + name + "-\\d.*\\.jar");
    }

    static List<Path> allBackends() {
        return backendNames().stream().map(Jars::backend).toList();
    }

    static Path rocksDb() {
        return only(LIB, "rocksdbjni-.*\\.jar");
    }

    /** What the backends need beside the SPI: the libraries of their engines. */
    static List<Path> engines() {
        return named(LIB, Pattern.compile(".*\\.jar")).stream()
                .filter(jar ->
                        !NOT_OF_AN_ENGINE.matcher(jar.getFileName().toString()).matches())
                .toList();
    }

    /** All jars of a directory by name, each once. */
    static List<String> in(Path directory) {
        return named(directory, Pattern.compile(".*")).stream()
                .map(jar -> jar.getFileName().toString())
                .toList();
    }

    static Path builtLib() {
        return LIB;
    }

    static Path module() {
        return MODULE;
    }

    /** The jars as one class path or module path. */
    static String path(List<Path> jars) {
        return jars.stream().map(Path::toString).collect(Collectors.joining(System.getProperty("path.separator")));
    }

    /** The first jar, then all the others. */
    static List<Path> with(Path jar, List<Path> others) {
        return Stream.concat(Stream.of(jar), others.stream()).toList();
    }

    private static Path only(Path directory, String pattern) {
        List<Path> jars = named(directory, Pattern.compile(pattern));
        if (jars.size() != 1) {
            throw new AssertionError(pattern + " in " + directory + ": " + jars);
        }
        return jars.get(0);
    }

    private static List<Path> named(Path directory, Pattern pattern) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file ->
                            pattern.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
