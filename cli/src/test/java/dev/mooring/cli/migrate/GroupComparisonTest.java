// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.SnapshotWriter;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.cli.copy.Counter;
import dev.mooring.cli.terminal.ProgressDisplay;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A copy that differs in anything is not taken for one. */
class GroupComparisonTest {

    @TempDir
    Path directory;

    /** What may be wrong with a copy, and what is said of it. */
    enum Wrong {
        TERM("term and vote"),
        COMMIT_INDEX("commit index"),
        ATTACHMENT("attachment"),
        FIRST_INDEX("first index"),
        LAST_INDEX("last index"),
        PAYLOAD("entry 7"),
        TERM_OF_AN_ENTRY("entry 7"),
        SNAPSHOT_IS_MISSING("snapshot"),
        CONFIGURATION("configuration of the snapshot at 4"),
        FILE_IS_MISSING("files of the snapshot at 4"),
        BYTE_OF_A_FILE("sameness of file 'state' of the snapshot at 4");

        private final String said;

        Wrong(String said) {
            this.said = said;
        }
    }

    @Test
    void whatIsTheSamePasses() throws IOException {
        assertThatCode(() -> compare(null)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource
    void whatDiffersIsNamed(Wrong wrong) {
        assertThatThrownBy(() -> compare(wrong))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("Group 'g': " + wrong.said + " ");
    }

    private void compare(Wrong wrong) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        Screen screen = new Screen(new Terminal(nowhere, nowhere, Terminal.Colours.OFF, Terminal.Progress.LINES));
        try (RaftStorage source = RaftStorage.open(config("source"));
                RaftStorage copy = RaftStorage.open(config("copy"));
                ProgressDisplay progress = screen.progress("verifying", "entries", 10)) {
            fill(source.group("g"), null);
            fill(copy.group("g"), wrong);
            GroupComparison.compare(source.group("g"), copy.group("g"), new Counter(screen, progress));
        }
    }

    private StorageConfig config(String name) {
        return StorageConfig.of(Map.of("mooring.backend", "files", "mooring.snapshot.retain", "1"))
                .withDirectory(directory.resolve(name));
    }

    private static void fill(RaftGroup group, Wrong wrong) throws IOException {
        long last = wrong == Wrong.LAST_INDEX ? 9 : 10;
        List<LogEntry> entries = new ArrayList<>();
        for (long index = 1; index <= last; index++) {
            boolean isOther = index == 7 && wrong == Wrong.PAYLOAD;
            long term = index >= 7 && wrong == Wrong.TERM_OF_AN_ENTRY ? 3 : 2;
            entries.add(LogEntry.of(index, term, new byte[] {(byte) (isOther ? 99 : index)}));
        }
        group.saveEntries(new TermAndVote(3, wrong == Wrong.TERM ? "n2" : "n1"), entries);
        group.attach(ByteBuffer.wrap(new byte[] {(byte) (wrong == Wrong.ATTACHMENT ? 2 : 1)}));
        if (wrong != Wrong.SNAPSHOT_IS_MISSING) {
            snapshot(group, wrong);
            if (wrong != Wrong.FIRST_INDEX) {
                group.releaseLock(2);
            }
        } else {
            group.recordSnapshot(4, 2); // the engine's, so that none is ours
            group.releaseLock(2);
        }
        group.commitIndex(wrong == Wrong.COMMIT_INDEX ? 6 : 5);
        group.sync();
    }

    private static void snapshot(RaftGroup group, Wrong wrong) throws IOException {
        try (SnapshotWriter writer = group.newSnapshot()) {
            try (OutputStream file = writer.newFile("state")) {
                file.write(wrong == Wrong.BYTE_OF_A_FILE ? 2 : 1);
            }
            if (wrong != Wrong.FILE_IS_MISSING) {
                writer.newFile("index").close();
            }
            writer.configuration(ByteBuffer.wrap(new byte[] {(byte) (wrong == Wrong.CONFIGURATION ? 2 : 1)}));
            writer.commit(4, 2);
        }
    }
}
