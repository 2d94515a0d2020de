// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LauncherIT {

    @TempDir
    private Path directory;

    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectory(directory.resolve("a clone, with spaces"));
    }

    @AfterEach
    void unlink() throws IOException {
        Installation.unlink(root);
    }

    @Test
    void worksFromAnyDirectoryAndThroughLinks() throws IOException, InterruptedException {
        Path script = Installation.clone(root);
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Path relative = Files.createSymbolicLink(bin.resolve("one"), bin.relativize(script));
        Path link = Files.createSymbolicLink(bin.resolve("two"), relative);
        for (Path way : new Path[] {script, relative, link}) {
            try (Launched version = Launched.run(way, Map.of("CDPATH", "/"), directory, "--version")) {
                assertThat(version.exitStatus()).isZero();
                assertThat(version.out()).startsWith("mooring ").contains("Java " + System.getProperty("java.version"));
                assertThat(version.err()).isEmpty();
            }
        }
    }

    @Test
    void aDistributionBehavesTheSameAndTakesJarsFromItsBackends() throws IOException, InterruptedException {
        Path script = Installation.distribution(root);
        try (Launched backends = Launched.run(script, Map.of(), directory, "backends")) {
            assertThat(backends.exitStatus()).isZero();
            assertThat(backends.out()).contains("files", "mooring-backend-files");
        }
        Files.writeString(root.resolve("backends/broken.jar"), "no jar");
        try (Launched version = Launched.run(script, Map.of(), directory, "--version")) {
            assertThat(version.exitStatus()).isZero();
        }
    }

    @Test
    void aDirectoryLibBesideAClonesIsNobodysBusiness() throws IOException, InterruptedException {
        Files.createDirectory(directory.resolve("lib")); // as /lib is beside /mooring
        Path bin = Files.createDirectory(directory.resolve("bin")); // a clone may have this name too
        for (Path clone : new Path[] {root, bin}) {
            try (Launched version = Launched.run(Installation.clone(clone), Map.of(), directory, "--version")) {
                assertThat(version.exitStatus()).as("%s", version).isZero();
                assertThat(version.out()).startsWith("mooring ");
            } finally {
                Installation.unlink(clone);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"--version, 0", "backends, 0", "demo --input /nonexistent, 1", "demo --data, 2", "nonsense, 2"})
    void passesTheExitStatusOn(String arguments, int status) throws IOException, InterruptedException {
        Path script = Installation.clone(root);
        try (Launched launched = Launched.run(script, Map.of(), directory, arguments.split(" ", -1))) {
            assertThat(launched.exitStatus()).as("%s", launched).isEqualTo(status);
            assertThat(launched.out()).doesNotContain("\033");
        }
    }

    @Test
    void buildsOnceAndAgainWhenASourceIsNewer() throws IOException, InterruptedException {
        Path script = Installation.launcher(root);
        executable(root.resolve("mvnw"), "#!/bin/sh\n" + copyingJars());
        Path source = Files.createDirectories(root.resolve("spi/src/main/java")).resolve("A.java");
        Files.writeString(source, "class A {}");
        age(source, 100);

        assertThat(standardErrorOf(script))
                .startsWith("mooring: not built yet, building")
                .hasLineCount(1);
        assertThat(standardErrorOf(script)).isEmpty();
        age(source, -100);
        assertThat(standardErrorOf(script))
                .startsWith("mooring: sources changed, building")
                .hasLineCount(1);
        assertThat(root.resolve("built")).content().hasLineCount(2).contains("-pl cli -am");
    }

    @Test
    void aBuildThatFailsIsSaidAndEndsIt() throws IOException, InterruptedException {
        Path script = Installation.launcher(root);
        executable(root.resolve("mvnw"), "#!/bin/sh\necho 'no compiler'\nexit 7\n");
        try (Launched launched = Launched.run(script, Map.of(), directory, "--version")) {
            assertThat(launched.exitStatus()).as("%s", launched).isEqualTo(1);
            assertThat(launched.out()).isEmpty();
            assertThat(launched.err()).contains("no compiler", "The build failed");
        }
    }

    /** Jars of others alone are what a build leaves that is cut off while they are copied. */
    @Test
    void whatAFailedBuildLeftIsBuiltAgain() throws IOException, InterruptedException {
        Path script = Installation.launcher(root);
        executable(root.resolve("mvnw"), """
                #!/bin/sh
                mkdir -p cli/target/lib && echo half > cli/target/lib/picocli-4.7.jar
                [ ! -f half ] || echo half > cli/target/lib/mooring-cli-0.jar
                exit 1
                """);
        for (int start = 1; start <= 4; start++) {
            try (Launched launched = Launched.run(script, Map.of(), directory, "--version")) {
                assertThat(launched.exitStatus()).as("%s", launched).isEqualTo(1);
                assertThat(launched.err())
                        .startsWith("mooring: not built yet, building")
                        .contains("The build failed");
            }
            if (start == 2) {
                Files.createFile(root.resolve("half"));
            }
        }
    }

    /** As in a container, or under cron. The path is made by the shell: this JVM may not have a name for it either. */
    @Test
    void withoutALocaleAPathBeyondAsciiIsAPath() throws IOException, InterruptedException {
        Path script = Installation.clone(root);
        Path way = directory.resolve("way");
        executable(
                way,
                "#!/bin/sh\nname=$(printf 'gr\\303\\266\\303\\237e')\nmkdir \"$name\"\n'" + script
                        + "' migrate --from \"$name\" --to to --backend files\n"
                        + "status=$?\nrmdir \"$name\"\nexit $status\n");
        for (Map<String, String> environment :
                List.of(Map.of("LC_ALL", "C"), Map.of("LC_ALL", "", "LC_CTYPE", "", "LANG", ""))) {
            try (Launched launched = Launched.run(way, environment, directory)) {
                assertThat(launched.exitStatus()).as("%s", launched).isEqualTo(1);
                assertThat(launched.err()).contains("holds no storage");
            }
        }
    }

    @Test
    void aColonInThePathIsRefused() throws IOException, InterruptedException {
        Path script = Installation.launcher(Files.createDirectory(directory.resolve("a:b")));
        try (Launched launched = Launched.run(script, Map.of(), directory, "--version")) {
            assertThat(launched.exitStatus()).as("%s", launched).isEqualTo(1);
            assertThat(launched.err()).contains("a:b has a colon").contains("Move it");
        }
    }

    @Test
    void aJavaThatIsTooOldOrNotThereIsRefused() throws IOException, InterruptedException {
        Path script = Installation.clone(root);
        Path java8 = directory.resolve("java 8");
        Files.createDirectories(java8.resolve("bin"));
        executable(java8.resolve("bin/java"), "#!/bin/sh\necho 'openjdk version \"1.8.0_412\"' >&2\n");
        refused(script, java8, "is Java 1; Mooring needs 17 or later");
        executable(java8.resolve("bin/java"), "#!/bin/sh\necho 'openjdk version \"11.0.22\" 2024-01-16' >&2\n");
        refused(script, java8, "is Java 11; Mooring needs 17 or later");
        executable(java8.resolve("bin/java"), "#!/bin/sh\nexit 1\n");
        refused(script, java8, "does not say its version");
        refused(script, directory, "there is no program");
    }

    private void refused(Path script, Path javaHome, String reason) throws IOException, InterruptedException {
        try (Launched launched =
                Launched.run(script, Map.of("JAVA_HOME", javaHome.toString()), directory, "--version")) {
            assertThat(launched.exitStatus()).as("%s", launched).isEqualTo(1);
            assertThat(launched.err()).startsWith("mooring: ").contains(reason, "JAVA_HOME");
        }
    }

    private String standardErrorOf(Path script) throws IOException, InterruptedException {
        try (Launched launched = Launched.run(script, Map.of(), directory, "--version")) {
            assertThat(launched.exitStatus()).as(launched.err()).isZero();
            return launched.err();
        }
    }

    /** What a build does, for a script in the place of mvnw. */
    private static String copyingJars() {
        return "mkdir -p cli/target/lib && cp '" + Installation.builtJars()
                + "'/*.jar cli/target/lib/ && touch cli/target/lib && echo \"$@\" >> built\n";
    }

    private static void executable(Path file, String script) throws IOException {
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void age(Path file, long seconds) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(seconds)));
    }
}
