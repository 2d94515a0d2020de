// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.Entry;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.Update;
import dev.mooring.tck.disk.CrashCheck;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.CrashSummary;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Fault;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.Recording;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Oracle;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A simulated disk loses power, or the process dies, at every single operation (CRASH-1 to CRASH-4). */
class CrashTest {

    private static final Subject.Setting SETTING = Subject.Setting.SMALL;

    private static List<Step> script(long seed, int steps) {
        return Script.generate(seed, steps, new Script.Shape(List.of("a", "ab", "slow"), 3, 3000, false));
    }

    /** Runs a script on a disk, telling it what was acknowledged, and returns the last such call. Stops at the first error, as the core does. */
    private static int run(SimulatedDisk disk, List<Step> script, Subject subject) throws IOException {
        for (int call = 1; call <= script.size(); call++) {
            disk.started(call);
            try {
                subject.step(script.get(call - 1));
            } catch (IOException e) {
                return call - 1;
            }
            disk.acknowledged(call);
        }
        return script.size();
    }

    private static Path data(SimulatedDisk disk) throws IOException {
        Path data = disk.root().resolve("data");
        if (Files.notExists(data)) {
            Files.createDirectory(data);
            StableFile.forceDirectory(disk.root());
        }
        return data;
    }

    private static Picture recovered(SimulatedDisk disk) throws IOException {
        try (Subject subject = Subject.open(data(disk), SETTING.crashed(0))) {
            return subject.picture();
        }
    }

    /** Recovers, goes on from there, and judges what was found. */
    private static CrashCheck.Judgement check(List<Step> script, SimulatedDisk image) throws IOException {
        Picture found;
        long sequence;
        try (Subject subject = Subject.open(data(image), SETTING.crashed(0))) {
            found = subject.picture();
            sequence = found.sequence();
            survives(image, found);
            for (int i = 0; i < 3; i++) {
                List<Entry> entries = Payloads.run("new", 1 + i, 1, 99, 2000, sequence);
                subject.backend.saveEntries(++sequence, List.of(new Update("new", null, entries, null, null)));
            }
        }
        try (Subject again = Subject.open(data(image), SETTING.crashed(sequence))) {
            assertThat(again.loaded.sequence()).isEqualTo(sequence);
            again.picture();
        }
        return (acked, started) -> {
            Oracle.Verdict verdict = new Oracle(script).judge(found, acked, started);
            if (verdict.calls().isEmpty()) {
                throw new AssertionError(verdict.text());
            }
        };
    }

    /** What load reported survives a power cut right after it (CRASH-4). */
    private static void survives(SimulatedDisk image, Picture found) {
        Recording recording = image.recording();
        CrashSummary summary = CrashExplorer.of(recording)
                .statesPerPosition(4)
                .from(recording.length())
                .explore(next -> {
                    assertThat(found.differenceTo(recovered(next))).isNull();
                    return (acked, started) -> {};
                });
        assertThat(summary.violations()).isEmpty();
    }

    private static CrashSummary explore(SimulatedDisk disk, List<Step> script, int states) {
        return CrashExplorer.of(disk.recording())
                .statesPerPosition(states)
                .threads(2)
                .explore(image -> check(script, image));
    }

    private static SimulatedDisk recorded(DiskModel model, List<Step> script) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(7, model);
        try (Subject subject = Subject.open(data(disk), SETTING)) {
            run(disk, script, subject);
        }
        return disk;
    }

    @ParameterizedTest
    @EnumSource
    void powerFailsAnywhere(DiskModel model) throws IOException {
        List<Step> script = script(3, 200);
        CrashSummary summary = explore(recorded(model, script), script, 6);
        assertThat(summary.violations()).isEmpty();
        assertThat(summary.distinct()).isGreaterThan(300);
    }

    /** CRASH-2: the process dies, and then power fails anywhere while the next one recovers. */
    @ParameterizedTest
    @EnumSource
    void powerFailsDuringRecovery(DiskModel model) throws IOException {
        List<Step> script = script(4, 120);
        Recording recording = recorded(model, script).recording();
        for (int position = 5; position < recording.length(); position += 23) {
            SimulatedDisk killed = CrashExplorer.of(recording).kill(position);
            recovered(killed);
            CrashSummary summary = explore(killed, script, 3);
            assertThat(summary.violations())
                    .as("killed before event %d", position)
                    .isEmpty();
        }
    }

    /** CRASH-2: the process dies during recovery, again and again, and then power fails. */
    @ParameterizedTest
    @EnumSource
    void recoveryIsKilledAgainAndAgain(DiskModel model) throws IOException {
        List<Step> script = script(5, 120);
        Recording recording = recorded(model, script).recording();
        Random random = new Random(5);
        for (int round = 0; round < 12; round++) {
            SimulatedDisk disk = CrashExplorer.of(recording).kill(recording.length() * (round + 1) / 13);
            for (int kill = 0; kill < 6; kill++) {
                int before = disk.recording().length();
                recovered(disk);
                int after = disk.recording().length();
                disk = CrashExplorer.of(disk.recording()).kill(before + random.nextInt(after - before + 1));
            }
            CrashSummary summary = CrashExplorer.of(disk.recording())
                    .from(disk.recording().length())
                    .statesPerPosition(12)
                    .explore(image -> check(script, image));
            assertThat(summary.violations()).isEmpty();
            assertThat(disk.usedBytes()).as("files do not pile up").isLessThan(40 * 8192);
        }
    }

    /** CRASH-4: a force fails, the process ends, the next one finds the page cache as it is, and then power fails. */
    @ParameterizedTest
    @EnumSource
    void aForceFailsAndLaterThePower(DiskModel model) throws Exception {
        List<Step> script = script(6, 80);
        for (Operation operation : List.of(Operation.FORCE, Operation.FORCE_DIRECTORY)) {
            for (int nth = 1; nth < 60; nth += operation == Operation.FORCE ? 4 : 1) {
                SimulatedDisk disk = SimulatedDisk.create(8, model);
                data(disk);
                disk.inject(Fault.once(operation, nth, Failure.EIO));
                int acked = 0;
                try (Subject subject = Subject.open(data(disk), SETTING)) {
                    acked = run(disk, script, subject);
                }
                disk.kill();
                disk.heal();
                Picture found = recovered(disk);
                survives(disk, found);
                check(script, disk).judge(acked, script.size());
            }
        }
    }

    /**
     * CRASH-2 and CRASH-4 together: a recovery ends and has reported what it found, the process dies, the next recovery is
     * killed half way, and power fails anywhere during the one after that.
     */
    @ParameterizedTest
    @EnumSource
    void whatWasReportedSurvivesRecoveriesThatAreKilled(DiskModel model) throws IOException {
        List<Step> script = script(9, 60);
        Recording recording = recorded(model, script).recording();
        for (int position = 11; position < recording.length(); position += 17) {
            SimulatedDisk killed = CrashExplorer.of(recording).kill(position);
            Oracle.Verdict reported = new Oracle(script).judge(recovered(killed), 0, script.size());
            killed.acknowledged(reported.calls().orElseThrow());
            int begin = killed.recording().length();
            recovered(killed);
            Recording second = killed.recording();
            for (int kill = begin; kill <= second.length(); kill++) {
                SimulatedDisk third = CrashExplorer.of(second).kill(kill);
                recovered(third);
                CrashSummary summary = CrashExplorer.of(third.recording())
                        .statesPerPosition(3)
                        .explore(image -> {
                            Picture found = recovered(image);
                            return (acked, started) -> assertThat(new Oracle(script)
                                            .judge(found, acked, started)
                                            .calls())
                                    .isPresent();
                        });
                assertThat(summary.violations())
                        .as("killed before event %d, and then before event %d", position, kill)
                        .isEmpty();
            }
        }
    }
}
