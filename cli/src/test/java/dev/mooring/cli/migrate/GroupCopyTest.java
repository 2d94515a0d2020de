// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.cli.copy.Counter;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy asks for nothing that the source was not asked for. */
class GroupCopyTest {

    private static final int LARGEST_BYTES = 3 << 20;

    @TempDir
    Path directory;

    @Test
    void anEntryAsLargeAsASaveMayBeFollowsASmallOne() throws IOException { // LOG-4
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        Screen screen = new Screen(new Terminal(nowhere, nowhere, Terminal.Colours.OFF, Terminal.Progress.LINES));
        try (RaftStorage source = RaftStorage.open(config("source"));
                RaftStorage copy = RaftStorage.open(config("copy"));
                ProgressDisplay progress = screen.progress("copying", "entries", 4)) {
            RaftGroup from = source.group("g");
            from.saveEntries(new TermAndVote(1, null), List.of(LogEntry.of(1, 1, new byte[10])));
            from.saveEntries(null, List.of(LogEntry.of(2, 1, new byte[LARGEST_BYTES])));
            from.saveEntries(null, List.of(LogEntry.of(3, 1, new byte[LARGEST_BYTES])));
            from.saveEntries(null, List.of(LogEntry.of(4, 1, new byte[10])));
            GroupCopy.copy(from, copy.group("g"), new Counter(screen, progress));
            assertThat(copy.group("g").lastIndex()).isEqualTo(4);
            GroupComparison.compare(from, copy.group("g"), new Counter(screen, progress));
        }
    }

    private StorageConfig config(String name) {
        String bytes = Integer.toString(LARGEST_BYTES);
        return StorageConfig.of(Map.of(
                        "mooring.backend",
                        "files",
                        "mooring.max-payload-bytes",
                        bytes,
                        "mooring.max-update-bytes",
                        bytes))
                .withDirectory(directory.resolve(name));
    }
}
