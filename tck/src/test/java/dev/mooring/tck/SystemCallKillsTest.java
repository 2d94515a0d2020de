// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.tck.CallTrace.Kind;
import dev.mooring.tck.CallTrace.Place;
import dev.mooring.tck.reference.ReferenceProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CRASH-1 and CRASH-2 with a tracer; where there is none, the last three are not run, saying so. */
final class SystemCallKillsTest {

    @TempDir
    Path temporary;

    private SystemCallKills kills(String bug) throws IOException {
        Map<String, String> options = Map.of("segment-bytes", "64KiB", "bug", bug);
        Path directory = temporary.toRealPath();
        return new SystemCallKills(Strace.INSTALLED, new Plug(new ReferenceProvider(), options), directory, 1);
    }

    @Test
    void aPlaceIsTheNthCallOfOneThreadOnOneFile() throws IOException {
        Path trace = temporary.resolve("trace.txt");
        Files.write(
                trace,
                List.of(
                        "17 write(1<pipe:[1]>, \"\"..., 5) = 5",
                        "17 pwrite64(4</data/x/log-1>, \"\"..., 2, 0) = 2",
                        "18 pwrite64(4</data/x/log-1>, \"\"..., 2, 0 <unfinished ...>",
                        "17 pwrite64(4</data/other/log-1>, \"\"..., 2, 0) = 2",
                        "18 <... pwrite64 resumed>)           = 2",
                        "17 pwrite64(4</data/x/log-1>, \"\"..., 2, 2) = 2",
                        "17 fsync(5</data/x>) = 0",
                        "17 rename(\"/data/x/a\", \"/data/x/b\") = 0",
                        "17 +++ exited with 0 +++"));
        CallTrace calls = CallTrace.read(trace, Path.of("/data/x"));
        Path log = Path.of("/data/x/log-1");
        assertThat(calls.places(Kind.WRITE, 10, new Random(1)))
                .containsExactly(
                        new Place("pwrite64", log, 1), new Place("pwrite64", log, 1), new Place("pwrite64", log, 2));
        assertThat(calls.places(Kind.SYNC, 10, new Random(1)))
                .containsExactly(new Place("fsync", Path.of("/data/x"), 1));
        assertThat(calls.places(Kind.RENAME, 10, new Random(1)))
                .containsExactly(new Place("rename", Path.of("/data/x/a"), 1));
        assertThat(calls.places(Kind.UNLINK, 10, new Random(1))).isEmpty();
    }

    @Test
    void aTracerThatIsNotInstalledIsNotRunAndNotPassed() {
        assertThatThrownBy(() -> new Strace("no-such-tracer").require(temporary))
                .isInstanceOf(NotRun.class)
                .hasMessageContaining("no-such-tracer, which kills a process at a system call, is not installed");
    }

    @Test
    void aTracerThatMayNotTraceIsNotRunAndNotPassed() throws IOException {
        Path refusing = temporary.resolve("refusing");
        Files.writeString(
                refusing, "#!/bin/sh\necho 'ptrace(PTRACE_TRACEME, ...): Operation not permitted' >&2\nexit 1\n");
        assertThat(refusing.toFile().setExecutable(true)).isTrue();
        assertThatThrownBy(() -> new Strace(refusing.toString()).require(temporary))
                .isInstanceOf(NotRun.class)
                .hasMessageContaining("may not trace a process here: ptrace(PTRACE_TRACEME");
    }

    @Test
    void anUnlinkBeforeTheRenameIsFound() throws Exception {
        Strace.INSTALLED.require(temporary);
        assertThatThrownBy(() -> kills("UNLINKS_BEFORE_IT_RENAMES").whileSaving(2))
                .isInstanceOf(Check.Observation.class)
                .hasMessageContaining("a process was killed while it saved, at rename on");
    }

    /** A leftover that recovery removes is there each time, and not by chance. */
    @Test
    void aRecoveryIsKilledAtWhatItRemoves() throws Exception {
        Strace.INSTALLED.require(temporary);
        Killed killed = kills("NONE").whileRecovering(1);
        assertThat(killed.meanwhile()).isEqualTo("it recovered");
        assertThat(killed.byKind())
                .containsEntry(Kind.WRITE, 1)
                .containsEntry(Kind.SYNC, 1)
                .containsEntry(Kind.UNLINK, 2);
    }

    @Test
    void aRecoveryThatCannotBeRepeatedIsFound() throws Exception {
        Strace.INSTALLED.require(temporary);
        assertThatThrownBy(() -> kills("RECOVERY_WRITES_IN_PLACE").whileRecovering(4))
                .isInstanceOf(Check.Observation.class)
                .hasMessageContaining("a process was killed while it recovered");
    }
}
