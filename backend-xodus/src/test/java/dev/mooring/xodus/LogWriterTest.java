// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jetbrains.exodus.io.RemoveBlockType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The writer alone: what it does before what was found has been checked, and after a failure. */
class LogWriterTest {

    @TempDir
    Path directory;

    private Path log;
    private LogWriter writer;

    @BeforeEach
    void open() throws IOException {
        log = Files.write(directory.resolve("00000000000.xd"), new byte[100]);
        writer = new LogWriter(directory, LogFiles.all(directory), false, true);
        writer.openOrCreateBlock(0, 60); // where Xodus takes it to end
    }

    @Test
    void aFailureIsNotForgottenByWhatComesAfterIt() { // FAULT-2
        assertThatThrownBy(() -> writer.write(new byte[10], 0, 10)).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(writer::confirm)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("an earlier write failed")
                .hasStackTraceContaining("no whole change");
        assertThatThrownBy(() -> writer.write(new byte[10], 0, 10))
                .isInstanceOf(UncheckedIOException.class)
                .hasStackTraceContaining("no whole change");
        assertThat(log).hasSize(100);
    }

    @Test
    void nothingIsCutOffBeforeItIsConfirmed() throws IOException { // DAMAGE-2
        Path last = Files.write(directory.resolve("00000000080.xd"), new byte[100]);
        writer.removeBlock(1 << 18, RemoveBlockType.Delete);
        writer.truncateBlock(0, 80);
        assertThat(last).hasSize(100);
        assertThat(log).hasSize(100);
        writer.confirm();
        assertThat(last).doesNotExist();
        assertThat(log).hasSize(80);
        writer.write(new byte[] {1, 2, 3}, 0, 3);
        writer.sync();
        assertThat(log).hasSize(63);
        writer.close();
    }

    @Test
    void afterAFailureNothingIsWrittenCutOffOrDeleted() throws IOException { // FAULT-2
        writer.confirm();
        writer.write(new byte[] {1, 2, 3}, 0, 3);
        assertThat(log).hasSize(62);
        writer.fail();
        writer.truncateBlock(0, 10);
        writer.removeBlock(0, RemoveBlockType.Delete);
        writer.sync();
        assertThatThrownBy(() -> writer.write(new byte[10], 0, 10)).isInstanceOf(UncheckedIOException.class);
        writer.sync(); // Xodus' closing syncs: it must get to its end, whatever its cleaner has tried meanwhile
        writer.close();
        assertThat(log).hasSize(62);
    }

    @Test
    void aSyncIsNotDoneIfSomethingFailedSinceTheWrite() throws IOException { // FAULT-1
        writer.confirm();
        writer.write(new byte[] {1, 2, 3}, 0, 3);
        assertThatThrownBy(() -> writer.truncateBlock(1 << 18, 10)).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(writer::sync)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("an earlier write failed")
                .hasStackTraceContaining("00000000080.xd");
        writer.close();
        assertThat(log).hasSize(62);
    }

    @Test
    void aFileThatCanNotBeDeletedIsLeftAndWhatWasWrittenIsSynced() throws IOException { // FAULT-1
        writer.confirm();
        writer.close();
        writer.openOrCreateBlock(1 << 18, 0);
        Path last = directory.resolve("00000000080.xd");
        undeletable(log);
        writer.write(new byte[] {1, 2, 3}, 0, 3);
        writer.removeBlock(0, RemoveBlockType.Delete); // the cleaner, on its own thread
        writer.sync();
        assertThat(last).hasSize(3);
        assertThat(log).exists();
        writer.write(new byte[] {4, 5}, 0, 2);
        writer.close();
        assertThat(last).hasSize(5);
    }

    @Test
    void aFileOfAChangeThatIsTakenBackMustBeDeleted() throws IOException { // LOG-7
        writer.confirm();
        undeletable(directory.resolve("00000000080.xd"));
        writer.removeBlock(1 << 18, RemoveBlockType.Delete);
        assertThatThrownBy(() -> writer.truncateBlock(0, 60))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("00000000080.xd");
        assertThat(log).hasSize(100);
    }

    /** A directory that is not empty: even root can not delete it like a file. */
    private static void undeletable(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(Files.createDirectory(file).resolve("a file in it"));
    }
}
