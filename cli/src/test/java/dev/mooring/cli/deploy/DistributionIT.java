// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The archives that {@code ./mvnw -Pdist package} makes, unpacked and used. */
@Tag("distribution")
class DistributionIT {

    @TempDir
    private static Path unpacked;

    private static Path home;

    @TempDir
    private Path directory;

    @BeforeAll
    static void unpack() throws Exception {
        Process tar = new ProcessBuilder("tar", "-xzf", archive(".tar.gz").toString(), "-C", unpacked.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        List<Path> roots = list(unpacked);
        assertThat(roots).hasSize(1);
        home = roots.get(0);
    }

    static List<String> backendNames() {
        return Jars.backendNames();
    }

    @Test
    void everyJarOfTheCloneIsInOneOfTheTwoFoldersAndWhatBothNeedInBoth() {
        List<String> lib = Jars.in(home.resolve("lib"));
        List<String> backends = Jars.in(home.resolve("backends"));
        List<String> jars = new ArrayList<>(lib);
        jars.addAll(backends);
        jars.removeIf(jar -> jar.startsWith("slf4j-api-"));
        jars.addAll(Jars.in(Jars.builtLib()).stream()
                .filter(jar -> jar.startsWith("slf4j-api-"))
                .toList());
        assertThat(jars).containsExactlyInAnyOrderElementsOf(Jars.in(Jars.builtLib()));
        assertThat(lib).anyMatch(jar -> jar.startsWith("slf4j-api-"));
        assertThat(backends).anyMatch(jar -> jar.startsWith("slf4j-api-"));
        assertThat(Jars.in(home.resolve("lib"))).noneMatch(jar -> jar.startsWith("mooring-backend-"));
        assertThat(list(home).stream().map(file -> file.getFileName().toString()))
                .contains("LICENSE", "NOTICE", "README.md", "bin", "docs");
    }

    @Test
    void everyLinkOfItsPagesLeadsSomewhere() throws IOException {
        Pattern link = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");
        int links = 0;
        try (Stream<Path> files = Files.walk(home)) {
            for (Path page :
                    files.filter(file -> file.toString().endsWith(".md")).toList()) {
                Matcher found = link.matcher(Files.readString(page));
                while (found.find()) {
                    if (!found.group(1).contains("://")) {
                        assertThat(page.resolveSibling(found.group(1)))
                                .as("link in %s", page)
                                .exists();
                        links++;
                    }
                }
            }
        }
        assertThat(links).isGreaterThan(30);
    }

    @Test
    void bothArchivesHoldTheSameWithTheSamePermissions() throws Exception {
        URI zip = URI.create("jar:" + archive(".zip").toUri());
        try (FileSystem inside = FileSystems.newFileSystem(zip, Map.of("enablePosixFileAttributes", "true"))) {
            Path root = inside.getPath("/", home.getFileName().toString());
            assertThat(described(root)).isEqualTo(described(home)).containsKey("bin/mooring");
        }
        assertThat(home.resolve("bin/mooring")).isExecutable();
    }

    @Test
    void saysWhatTheCloneSays() throws Exception {
        Path clone = directory.resolve("clone");
        Path script = Installed.clone(clone);
        for (String command : List.of("--version", "--help", "backends", "demo --help", "nonsense")) {
            Installed.Said here = Installed.run(home.resolve("bin/mooring"), directory, command.split(" ", -1));
            Installed.Said there = Installed.run(script, directory, command.split(" ", -1));
            assertThat(here.withoutDirectories()).isEqualTo(there.withoutDirectories());
        }
    }

    @ParameterizedTest
    @MethodSource("backendNames")
    void aBackendWhoseJarIsTakenAwayIsGone(String name) throws Exception {
        Path jar = home.resolve("backends").resolve(Jars.backend(name).getFileName());
        Path aside = directory.resolve(jar.getFileName());
        Files.move(jar, aside);
        try {
            assertThat(listed()).doesNotContain(name).hasSize(backendNames().size() - 1);
        } finally {
            Files.move(aside, jar);
        }
        assertThat(listed()).contains(name);
    }

    @Test
    void libAloneIsWholeButHasNoBackend() throws Exception {
        Path backends = home.resolve("backends");
        Path aside = Files.move(backends, home.resolve("aside"));
        try {
            Path script = home.resolve("bin/mooring");
            assertThat(Installed.run(script, directory, "--version").status()).isZero();
            Installed.Said said = Installed.run(script, directory, "backends");
            assertThat(said.status()).isOne();
            assertThat(said.err()).contains("There is no storage backend on the class path");
        } finally {
            Files.move(aside, backends);
        }
    }

    @Test
    void aBackendThatIsDroppedInIsThere() throws Exception {
        Path dropped = CustomBackend.named("my-own", home.resolve("backends/my-own.jar"), directory);
        try {
            assertThat(listed()).contains("my-own").hasSize(backendNames().size() + 1);
            assertThat(Installed.run(home.resolve("bin/mooring"), directory, "backends")
                            .out())
                    .contains(dropped.toString());
        } finally {
            Files.delete(dropped);
        }
    }

    @Test
    void aJarWithItsLibraryIsAllItTakes() throws Exception {
        Path backends = home.resolve("backends");
        Path aside = Files.move(backends, home.resolve("aside"));
        try {
            Files.createDirectory(backends);
            for (Path jar : list(aside)) {
                String name = jar.getFileName().toString();
                if (name.startsWith("mooring-backend-rocksdb-") || name.startsWith("rocksdbjni-")) {
                    Files.copy(jar, backends.resolve(name));
                }
            }
            assertThat(list(backends)).hasSize(2);
            assertThat(listed()).containsExactly("rocksdb");
            Application.Ended ended = Application.compile(directory)
                    .onClassPath(directory, List.of(Jars.spi(home.resolve("lib")), home.resolve("backends/*")))
                    .run();
            assertThat(ended.status()).as("%s", ended).isZero();
            assertThat(ended.out()).startsWith("rocksdb keeps an order at 0");
        } finally {
            for (Path copied : list(backends)) {
                Files.delete(copied);
            }
            Files.delete(backends);
            Files.move(aside, backends);
        }
    }

    @ParameterizedTest
    @MethodSource("backendNames")
    void anApplicationRunsOnTheFolderOfBackends(String name) throws Exception {
        Application.Ended ended = Application.compile(directory)
                .onClassPath(directory, List.of(Jars.spi(home.resolve("lib")), home.resolve("backends/*")))
                .backend(name)
                .run();
        assertThat(ended.status()).as("%s", ended).isZero();
        assertThat(ended.out()).startsWith(name + " keeps an order at 0");
    }

    @Test
    void theDemonstrationRunsFromIt() throws Exception {
        Path text = Files.write(
                directory.resolve("short.txt"),
                IntStream.rangeClosed(1, 200).mapToObj(line -> "line " + line).toList());
        Installed.Said said = Installed.run(home.resolve("bin/mooring"), directory, "demo", "--input", text.toString());
        assertThat(said.status()).as("%s", said).isZero();
        assertThat(said.out()).contains("acknowledged  200 of 200 lines", "OK: every acknowledged line");
    }

    @Test
    void aMigrationToABackendThatIsDroppedInRunsFromIt() throws Exception {
        Application application = Application.compile(directory);
        Path spi = Jars.spi(home.resolve("lib"));
        Application.Ended first = application
                .onClassPath(directory, List.of(spi, home.resolve("backends/*")))
                .backend("files")
                .run();
        assertThat(first.status()).as("%s", first).isZero();
        Path dropped = CustomBackend.journal(home.resolve("backends/journal.jar"), directory);
        try {
            Path target = Files.createDirectory(directory.resolve("moved")).resolve("data");
            Installed.Said said = Installed.run(
                    home.resolve("bin/mooring"),
                    directory,
                    "migrate",
                    "--from",
                    directory.resolve("data").toString(),
                    "--to",
                    target.toString(),
                    "--backend",
                    "journal");
            assertThat(said.status()).as("%s", said).isZero();
            Application.Ended there = application
                    .onClassPath(target.getParent(), List.of(spi, home.resolve("backends/*")))
                    .backend("journal")
                    .run();
            assertThat(there.status()).as("%s", there).isZero();
            assertThat(there.out()).startsWith("journal keeps an order at 1");
        } finally {
            Files.delete(dropped);
        }
    }

    /** Names that {@code mooring backends} lists: what stands at the beginning of a line. */
    private List<String> listed() throws Exception {
        Installed.Said said = Installed.run(home.resolve("bin/mooring"), directory, "backends");
        assertThat(said.status()).as("%s", said).isZero();
        return said.out()
                .lines()
                .filter(line -> line.matches("\\S.*"))
                .map(String::strip)
                .toList();
    }

    private static Path archive(String suffix) {
        List<Path> archives = list(Jars.module().resolve("target")).stream()
                .filter(file -> file.getFileName().toString().endsWith(suffix))
                .toList();
        assertThat(archives).hasSize(1);
        return archives.get(0);
    }

    private static Map<String, String> described(Path root) throws IOException {
        Map<String, String> described = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                described.put(
                        root.relativize(file).toString(),
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + " " + Files.size(file));
            }
        }
        return described;
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
