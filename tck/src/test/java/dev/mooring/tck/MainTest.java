// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kit without code: the reference backend is known to the new JVM only because it is named. */
final class MainTest {

    private static final Path BACKEND = Path.of("target/test-classes").toAbsolutePath();

    @TempDir
    private Path report;

    private record Ended(int status, String output) {}

    private Ended run(String... arguments) throws IOException, InterruptedException {
        String withoutBackend = Arrays.stream(Fork.classPath().split(java.io.File.pathSeparator, -1))
                .filter(entry -> !Path.of(entry).toAbsolutePath().equals(BACKEND))
                .collect(Collectors.joining(java.io.File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(Fork.java(), "-cp", withoutBackend, "dev.mooring.tck.Main"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    @Test
    void aBackendThatKeepsTheRulesEndsWithStatusZero() throws IOException, InterruptedException {
        Ended ended = run(
                BACKEND.toString(),
                "--backend",
                "reference",
                "--option",
                "segment-bytes=64KiB",
                "--rules",
                "LOG-3,LOG-9,PROV",
                "--seed",
                "7",
                "--report",
                report.toString());
        assertThat(ended.output())
                .contains("backend 'reference'")
                .contains("HELD        LOG-3")
                .contains("HELD        PROV-2")
                .contains("0 broken")
                .contains("seed 7");
        assertThat(ended.status()).isZero();
        assertThat(report.resolve("mooring-tck-reference.json"))
                .content()
                .contains("\"backend\": \"reference\"")
                .contains("segment-bytes=65536")
                .contains("{\"rule\": \"LOG-3\", \"status\": \"held\"");
        assertThat(report.resolve("mooring-tck-reference.md")).content().contains("| LOG-3 | held |");
        assertThat(report.resolve("mooring-tck-reference-messages.md"))
                .content()
                .contains("## IllegalArgumentException", "would leave a gap after")
                .contains("## Refused", "no-such-option");
    }

    @Test
    void aBrokenRuleEndsWithStatusOne() throws IOException, InterruptedException {
        Ended ended = run(
                BACKEND.toString(),
                "--backend",
                "reference",
                "--option",
                "bug=KEEPS_THE_OLD_TAIL",
                "--rules",
                "LOG-3",
                "--report",
                report.toString());
        assertThat(ended.output())
                .contains("BROKEN      LOG-3")
                .contains("Observed: ")
                .contains("Source: Raft §5.3");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(Files.readString(report.resolve("mooring-tck-reference.md"))).contains("| LOG-3 | **broken** |");
    }

    @Test
    void whatCanNotBeRunEndsWithStatusTwo() throws IOException, InterruptedException {
        assertThat(run("--backend", "nobody").status()).isEqualTo(2);
        assertThat(run("--backend", "nobody").output()).contains("no backend 'nobody' on the class path, only []");
        assertThat(run(BACKEND.toString()).output())
                .startsWith("--backend is missing")
                .contains("--help")
                .hasLineCount(1);
        assertThat(run("--backnd", "x").output()).contains("there is no option --backnd");
        assertThat(run("--backend", "reference", "--quick", "--exhaustive").output())
                .startsWith("--quick and --exhaustive")
                .hasLineCount(1);
        assertThat(run(BACKEND.toString(), "--backend", "reference", "--rules", "LOG-1,LOG-99")
                        .output())
                .startsWith("--rules LOG-99 chooses no check")
                .hasLineCount(1);
    }

    @Test
    void aBadOptionIsSaidInOneLine() throws IOException, InterruptedException { // PROV-3
        for (String option : List.of("no-such=1", "segment-bytes=much", "segment-bytes=1", "segment-bytes", "=1")) {
            Ended ended = run(BACKEND.toString(), "--backend", "reference", "--option", option);
            assertThat(ended.output()).contains(option.replaceFirst("=.*", "")).hasLineCount(1);
            assertThat(ended.status()).as(ended.output()).isEqualTo(2);
        }
    }

    @Test
    void helpIsGivenWhateverElseIsWritten() throws IOException, InterruptedException {
        Ended ended = run("--option", "x", "--help");
        assertThat(ended.output()).startsWith("usage: ").contains("--directory");
        assertThat(ended.status()).isZero();
    }

    @Test
    void relativePathsAreFoundByTheChildrenThatAreForked() throws IOException, InterruptedException { // CRASH-1, PROV-2
        Path work = Files.createDirectory(Path.of("target").resolve("relative-" + System.nanoTime()));
        try {
            Ended ended = run(
                    "target/test-classes",
                    "--backend",
                    "reference",
                    "--rules",
                    "PROV-2,LIFE-2,LIFE-4",
                    "--directory",
                    work.toString(),
                    "--report",
                    report.toString());
            assertThat(ended.output()).contains("HELD        PROV-2", "HELD        LIFE-2", "HELD        LIFE-4");
            assertThat(ended.status()).isZero();
        } finally {
            Trees.delete(work);
        }
    }
}
