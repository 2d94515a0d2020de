// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

    @TempDir
    private Path directory;

    @Test
    void aNewDirectoryIsCreatedAndKept() throws IOException {
        Path fresh = directory.resolve("a/b c");
        try (DataDirectory data = DataDirectory.kept(fresh)) {
            Files.createDirectories(data.server("n1"));
            assertThat(data.isTemporary()).isFalse();
        }
        assertThat(fresh.resolve("n1")).isDirectory();
    }

    @Test
    void whatAnEarlierDemonstrationLeftIsRemoved() throws IOException {
        try (DataDirectory data = DataDirectory.kept(directory)) {
            Files.createDirectories(data.server("n2").resolve("deep"));
            Files.writeString(data.server("n2").resolve("deep/file"), "old");
            Files.writeString(data.serverLog("n2"), "old");
        }
        try (DataDirectory data = DataDirectory.kept(directory)) {
            assertThat(data.server("n2")).doesNotExist();
            assertThat(data.serverLog("n2")).doesNotExist();
        }
    }

    @Test
    void anythingForeignIsRefusedAndNothingIsChanged() throws IOException {
        try (DataDirectory data = DataDirectory.kept(directory)) {
            Files.createDirectories(data.server("n1"));
        }
        Path foreign = Files.writeString(directory.resolve("thesis.txt"), "precious");
        refused(directory, "thesis.txt");
        assertThat(foreign).hasContent("precious");
        assertThat(directory.resolve("n1")).isDirectory();
    }

    @Test
    void aDirectoryOfTheSameNamesWithoutTheMarkerIsForeign() throws IOException {
        Files.writeString(Files.createDirectory(directory.resolve("n1")).resolve("data"), "precious");
        refused(directory, "n1");
        assertThat(directory.resolve("n1/data")).hasContent("precious");
        assertThat(directory.resolve("mooring-demo")).doesNotExist();
    }

    @Test
    void aFileIsRefused() throws IOException {
        refused(Files.createFile(directory.resolve("file")), "is a file");
    }

    @Test
    void linksThatAnEarlierDemonstrationLeftAreNotFollowed() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("thesis.txt"), "precious");
        Path own = directory.resolve("own");
        DataDirectory.kept(own).close();
        Files.createSymbolicLink(own.resolve("n3"), elsewhere);
        DataDirectory.kept(own).close();
        assertThat(own.resolve("n3")).doesNotExist();
        assertThat(elsewhere.resolve("thesis.txt")).hasContent("precious");
    }

    @Test
    void aDirectoryOnWhichAnotherDemonstrationRunsIsRefused() throws IOException {
        try (DataDirectory running = DataDirectory.kept(directory)) {
            Files.createDirectories(running.server("n1"));
            refused(directory, "Another demonstration runs on");
            assertThat(running.server("n1")).isDirectory();
        }
    }

    @Test
    void aTemporaryDirectoryGoesWithAllThatIsInIt() throws IOException {
        DataDirectory data = DataDirectory.temporary();
        Files.writeString(
                Files.createDirectories(data.server("n1").resolve("deep")).resolve("file"), "content");
        assertThat(data.bytes("n1")).isEqualTo("content".length());
        data.remove();
        assertThat(data.path()).doesNotExist();
    }

    private static void refused(Path path, String reason) {
        assertThatThrownBy(() -> DataDirectory.kept(path))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("--data DIR");
    }
}
