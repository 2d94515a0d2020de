// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.tck.CallTrace.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A report says at what processes were killed, and at what they were not. */
final class KilledTest {

    private static final Killed SAVING = new Killed("it saved", Map.of(Kind.WRITE, 2, Kind.SYNC, 2, Kind.RENAME, 4));
    private static final Killed RECOVERING = new Killed("it recovered", Map.of(Kind.WRITE, 1, Kind.UNLINK, 2));

    @Test
    void whereNobodyWasKilledIsSaidToo() {
        assertThat(SAVING).hasToString("while it saved: 2 writes, 2 syncs, 4 renames, 0 unlinks");
        assertThat(RECOVERING).hasToString("while it recovered: 1 write, 0 syncs, 0 renames, 2 unlinks");
    }

    @Test
    void pageAndFileForProgramsSayIt(@TempDir Path directory) throws Exception {
        Report report = new Report(
                "b", Map.of("seed", "7"), Map.of(), List.of(), List.of(SAVING, RECOVERING), new Messages(), 1);
        report.write(directory);
        assertThat(Files.readString(directory.resolve("mooring-tck-b.md")))
                .contains("\nProcesses killed at system calls, while it saved: 2 writes, 2 syncs, 4 renames, 0 unlinks;"
                        + " while it recovered: 1 write, 0 syncs, 0 renames, 2 unlinks.\n");
        assertThat(Files.readString(directory.resolve("mooring-tck-b.json")))
                .contains(
                        "\"systemCallKills\": [\n    {\"while\": \"it saved\", \"writes\": 2, \"syncs\": 2,"
                                + " \"renames\": 4, \"unlinks\": 0},\n",
                        "    {\"while\": \"it recovered\", \"writes\": 1, \"syncs\": 0, \"renames\": 0,"
                                + " \"unlinks\": 2}\n  ],\n");
    }
}
