// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.cli.terminal.StandardOutput;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.terminal.TestTerminal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

    private final TestTerminal terminal = TestTerminal.plain();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "--nonsense",
                "demo --nonsense",
                "demo nonsense",
                "demo --seed abc",
                "demo --seed",
                "demo --seed 99999999999999999999",
                "backends nonsense",
                "verify",
                "verify /var/lib/orders"
            })
    void nonsenseIsAUsageErrorOnStandardError(String line) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" ", -1))).isEqualTo(2);
        assertThat(terminal.out()).isEmpty();
        assertThat(terminal.err()).startsWith("mooring: ").contains("--help").doesNotContain("\tat ");
    }

    @Test
    void aValueThatIsNoneIsNamedWithItsOption() {
        assertThat(run("demo", "--seed", "abc")).isEqualTo(2);
        assertThat(terminal.err()).startsWith("mooring: --seed: 'abc' is not a long");
        assertThat(run("demo", "--data", "")).isEqualTo(2);
        assertThat(terminal.err()).contains("mooring: --data: the path is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "demo --help", "backends --help", "verify --help", "help", "help migrate"})
    void helpIsPlainInAPipe(String line) {
        assertThat(run(line.split(" ", -1))).isZero();
        assertThat(terminal.out()).contains("Usage: mooring").doesNotContain("\033");
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void helpNamesEveryOptionOfTheDemo() {
        assertThat(run("demo", "--help")).isZero();
        assertThat(terminal.out()).contains("--input=FILE", "--data=DIR", "--backend=NAME", "--seed=N", "--debug");
    }

    @Test
    void helpIsColouredOnATerminal() {
        TestTerminal interactive = TestTerminal.interactive();
        assertThat(Main.run(interactive.terminal(), "--help")).isZero();
        assertThat(interactive.out()).contains("\033[");
    }

    @Test
    void helpOfMigrateSaysWhoseTheTargetWillBe() {
        assertThat(run("migrate", "--help")).isZero();
        assertThat(terminal.out().replaceAll("\\s+", " "))
                .contains("Run it as the user of the server: the target is for its owner only");
    }

    @Test
    void versionSaysWhatRuns() {
        assertThat(run("--version")).isZero();
        assertThat(terminal.out()).startsWith("mooring ").contains("Java " + System.getProperty("java.version"));
    }

    @Test
    void aForeignDirectoryIsRefusedWithoutAStackTrace() throws IOException {
        Path foreign = Files.writeString(directory.resolve("thesis.txt"), "precious");
        assertThat(run("demo", "--data", directory.toString())).isEqualTo(1);
        assertThat(terminal.err())
                .startsWith("mooring: ")
                .contains("thesis.txt", "--data DIR")
                .doesNotContain("\tat ");
        assertThat(terminal.out()).isEmpty();
        assertThat(foreign).hasContent("precious");
    }

    @Test
    void anInputThatIsNotThereIsRefusedBeforeTheDirectoryIsTouched() {
        Path data = directory.resolve("data");
        assertThat(run("demo", "--input", directory.resolve("absent").toString(), "--data", data.toString()))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("There is no file").doesNotContain("\tat ");
        assertThat(data).doesNotExist();
    }

    @Test
    void aBackendThatIsNotThereIsRefusedWithThoseThatAre() {
        Path data = directory.resolve("data");
        assertThat(run("demo", "--backend", "nosuch", "--data", data.toString()))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("'nosuch'", "files", "--backend NAME");
        assertThat(data).doesNotExist();
    }

    @Test
    void aMigrationWithAnEmptyPathOrAnUnknownBackendTouchesNothing() {
        String here = directory.toString();
        for (String[] arguments : new String[][] {
            {"migrate", "--from", "", "--to", here, "--backend", "files"},
            {"migrate", "--from", here, "--to", "", "--backend", "files"},
            {"migrate", "--from", here, "--to", here, "--backend", "files", "--config", ""}
        }) {
            TestTerminal fresh = TestTerminal.plain();
            assertThat(Main.run(fresh.terminal(), arguments)).isEqualTo(2);
            assertThat(fresh.err()).contains("the path is empty");
        }
        Path target = directory.resolve("x/y");
        assertThat(run("migrate", "--from", here, "--to", target.toString(), "--backend", "nosuch"))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("'nosuch'", "files", "--backend NAME");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void outputThatCouldNotBeWrittenIsAFailure() {
        PrintStream full = new PrintStream(new OutputStream() {
            @Override
            public void write(int oneByte) throws IOException {
                throw new IOException("No space left on device");
            }
        });
        TestTerminal plain = TestTerminal.plain();
        Terminal broken = new Terminal(full, plain.terminal().err(), Terminal.Colours.OFF, Terminal.Progress.LINES);
        assertThat(Main.run(broken, "backends")).isEqualTo(1);
        assertThat(plain.err()).startsWith("mooring: standard output took not all");
    }

    /** As {@code head} does when it has seen enough. */
    @Test
    void aReaderThatWentAwayIsNoFailure() {
        PrintStream closed = new StandardOutput(
                new OutputStream() {
                    @Override
                    public void write(int oneByte) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                StandardCharsets.UTF_8);
        TestTerminal plain = TestTerminal.plain();
        Terminal pipe = new Terminal(closed, plain.terminal().err(), Terminal.Colours.OFF, Terminal.Progress.LINES);
        assertThat(Main.run(pipe, "backends")).isZero();
        assertThat(plain.err()).isEmpty();
    }

    @Test
    void anArgumentThatBeginsWithAnAtSignIsNoFileOfArguments() throws IOException {
        Path arguments = Files.writeString(directory.resolve("arguments"), "--version");
        assertThat(run("@" + arguments)).isEqualTo(2);
        assertThat(run("@" + directory)).isEqualTo(2);
        assertThat(run("demo", "--input", "@" + arguments)).isEqualTo(1);
        assertThat(terminal.err()).contains("There is no file").doesNotContain("\tat ");
    }

    @Test
    void aPathThatIsNoneSaysWhatWouldHelp() {
        assertThat(run("demo", "--data", "a\0b")).isEqualTo(2);
        assertThat(terminal.err()).contains("--data: ", "is no path", "UTF-8 locale");
    }

    @Test
    void debugShowsWhere() {
        assertThat(run("demo", "--debug", "--input", directory.toString())).isEqualTo(1);
        assertThat(terminal.err()).contains("is a directory", "\tat dev.mooring.cli");
    }

    @Test
    void backendsSaysOfEachWhatItGivesAndUnderstands() {
        assertThat(run("backends")).isZero();
        assertThat(terminal.out())
                .contains("files", "jar", "backend-files", "power-loss", "mooring.files.segment-bytes=")
                .doesNotContain("\033");
    }

    private int run(String... args) {
        return Main.run(terminal.terminal(), args);
    }
}
