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
        writer.close();
        assertThat(log).hasSize(62);
    }
}
