// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job, run for real. */
class DemoIT {

    private static final Duration ORPHAN_LIMIT = Duration.ofSeconds(20);
    private static final int SHORT_TEXT_LINES = 400;

    @TempDir
    private Path directory;

    private Path script;
    private Path data;
    private Path shortText;

    @BeforeEach
    void install() throws IOException {
        script = Installation.clone(Files.createDirectory(directory.resolve("clone")));
        data = directory.resolve("the data");
        shortText = directory.resolve("short.txt");
        Files.write(
                shortText,
                IntStream.rangeClosed(1, SHORT_TEXT_LINES)
                        .mapToObj(line -> "line " + line + " of a text")
                        .toList());
    }

    @AfterEach
    void unlink() throws IOException {
        Installation.unlink(directory.resolve("clone"));
    }

    @Test
    void tellsTheWholeStoryAndLosesNothing() throws Exception {
        try (Launched demo = demo("--seed", "42", "--data", data.toString())) {
            assertThat(demo.exitStatus()).as("%s", demo).isZero();
            assertThat(demo.out())
                    .contains("storage on 'files'", "seed  42", data.toString())
                    .contains("the leader, was sent SIGKILL when", "from the log, no snapshot")
                    .contains("a follower, was sent SIGKILL when", "was sent the snapshot up to entry")
                    .contains("all three were sent SIGKILL when")
                    .contains("acknowledged  5,153 of 5,153 lines")
                    .contains("found on n1   5,153 lines as in the text; missing 0, different 0, not in the text 0")
                    .contains("found on n2   5,153 lines", "found on n3   5,153 lines")
                    .contains("throughput", "recovery", "on disk", "OK: every acknowledged line")
                    .doesNotContain("\033", "\r");
            assertThat(demo.err()).contains("loading: 100 %").doesNotContain("\033", "\r", "WARN", "ERROR");
            assertThat(demo.servers()).isEmpty();
        }
        assertThat(data.resolve("n1")).isNotEmptyDirectory();
        assertThat(data.resolve("n1.log")).isRegularFile();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rocksdb", "lmdb", "xodus"})
    void tellsItOnEveryOtherBackendWithoutAFlagOrAWarning(String backend) throws Exception {
        try (Launched demo = demo("--backend", backend, "--input", shortText.toString(), "--data", data.toString())) {
            assertThat(demo.exitStatus()).as("%s", demo).isZero();
            assertThat(demo.out())
                    .contains("storage on '" + backend + "'")
                    .contains("from the log, no snapshot", "was sent the snapshot up to entry")
                    .contains("acknowledged  400 of 400 lines", "OK: every acknowledged line");
            assertThat(demo.err().lines()).allMatch(line -> line.matches(" +loading: +\\d+ %, .* lines"));
        }
    }

    @Test
    void noServerSurvivesAKilledDemo() throws Exception {
        try (Launched demo = demo("--input", shortText.toString(), "--data", data.toString())) {
            assertThat(demo.printed("the leader, was sent SIGKILL"))
                    .as("%s", demo)
                    .isTrue();
            List<ProcessHandle> servers = demo.servers();
            assertThat(servers).hasSizeBetween(2, 3);
            demo.handle().destroyForcibly();
            assertAllEnd(servers);
        }
    }

    @Test
    void noServerSurvivesADemoThatIsKilledWhileTheyStart() throws Exception {
        try (Launched demo = demo("--data", data.toString())) {
            assertThat(demo.printed("1. Three servers start")).isTrue();
            List<ProcessHandle> servers;
            do {
                servers = demo.handle().children().toList();
            } while (servers.isEmpty() && demo.handle().isAlive());
            demo.handle().destroyForcibly();
            assertAllEnd(servers);
        }
    }

    @Test
    void aDemoThatIsInterruptedLeavesNeitherServersNorFiles() throws Exception {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        try (Launched demo = Launched.run(
                script,
                Map.of("MOORING_OPTS", "-Djava.io.tmpdir=" + temporary),
                directory,
                "demo",
                "--input",
                shortText.toString())) {
            assertThat(demo.printed("the leader, was sent SIGKILL"))
                    .as("%s", demo)
                    .isTrue();
            List<ProcessHandle> servers = demo.servers();
            demo.handle().destroy();
            assertThat(demo.exitStatus()).as("%s", demo).isEqualTo(143);
            assertThat(demo.toString()).doesNotContain("failed", "mooring: ");
            assertAllEnd(servers);
        }
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(path -> path.getFileName().toString().startsWith("mooring-")))
                    .isEmpty();
        }
    }

    @Test
    void aServerThatDiesByItselfFailsTheDemo() throws Exception {
        try (Launched demo = demo("--data", data.toString())) {
            assertThat(demo.printed("n3 is process")).isTrue();
            demo.servers().get(1).destroyForcibly();
            assertThat(demo.exitStatus()).as("%s", demo).isEqualTo(1);
            assertThat(demo.err())
                    .contains("mooring: The demonstration failed. n2 ended by itself with status 137", "n2.log")
                    .doesNotContain("\tat ");
            assertThat(demo.servers()).isEmpty();
        }
    }

    private Launched demo(String... arguments) throws IOException {
        return Launched.run(
                script,
                Map.of(),
                directory,
                Stream.concat(Stream.of("demo"), Stream.of(arguments)).toArray(String[]::new));
    }

    private static void assertAllEnd(List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            process.onExit().get(ORPHAN_LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }
}
