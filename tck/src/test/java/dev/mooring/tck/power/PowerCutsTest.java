// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.reference.ReferenceProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The runs find what is deliberately wrong with a backend, and nothing in one that is right. */
final class PowerCutsTest {

    private static final long NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Quiet quiet = new Quiet();

    @BeforeEach
    void logNothing() {
        quiet.begin();
    }

    @AfterEach
    void logAgain() {
        quiet.end();
    }

    private static CoreSubject subject(String bug) throws IOException {
        return new CoreSubject(new ReferenceProvider(), Map.of("segment-bytes", "16KiB", "bug", bug), 3000);
    }

    @ParameterizedTest
    @EnumSource
    void theReferenceBackendSurvives(DiskModel model) throws IOException {
        List<PowerCuts.Outcome> soFar = new ArrayList<>();
        PowerCuts cuts = new PowerCuts(subject("NONE"), 1).whileExploring(soFar::add);
        PowerCuts.Outcome power = cuts.powerFails(model, 2000, NANOS);
        PowerCuts.Outcome kills = cuts.processDies(model, 2000, NANOS);
        assertThat(power.broken()).isEmpty();
        assertThat(power.states()).isGreaterThanOrEqualTo(2000);
        assertThat(kills.broken()).isEmpty();
        assertThat(soFar).hasSize(power.workloads() + kills.workloads());
        assertThat(soFar.get(power.workloads() - 1).states()).isEqualTo(power.states());
    }

    @ParameterizedTest
    @EnumSource
    void aBackendThatNeverForcesIsFound(DiskModel model) throws IOException {
        PowerCuts.Outcome outcome = new PowerCuts(subject("NEVER_FORCES"), 1).powerFails(model, 5000, NANOS);
        assertThat(outcome.broken()).contains("acknowledged", "power failed before event", "seed 1");
    }

    @Test
    void aRenameWithoutAForceOfItsDirectoryIsFoundOnAStrictDisk() throws Exception {
        CoreSubject subject = subject("RENAMES_WITHOUT_DIRECTORY_FORCE");
        assertThat(new PowerCuts(subject, 1)
                        .powerFails(DiskModel.STRICT, 20_000, NANOS)
                        .broken())
                .contains("rename");
    }

    @Test
    void aTailThatComesBackIsFound() throws Exception {
        assertThat(new PowerCuts(subject("KEEPS_THE_OLD_TAIL"), 1)
                        .powerFails(DiskModel.JOURNALLED, 5000, NANOS)
                        .broken())
                .isNotEmpty();
    }

    @Test
    void aWriteThatFailsIsSeenThroughToThePowerCutAfterIt() throws Exception {
        FaultRuns runs =
                new FaultRuns(subject("NONE"), DiskModel.STRICT, 1, FaultRuns.After.MANY_POWER_CUTS, heard -> {});
        int calls = runs.calls(Operation.WRITE);
        for (int nth = 1; nth <= calls; nth += 7) {
            runs.oneFails(Operation.WRITE, nth);
        }
        runs.shortWrites();
        runs.fullAt(runs.usedBytes() / 2);
        assertThat(runs.states()).isGreaterThan(runs.runs() * 10);
    }

    @Test
    void aForceThatFailsUnnoticedIsFound() throws Exception {
        FaultRuns runs = new FaultRuns(
                subject("NEVER_FORCES"), DiskModel.STRICT, 1, FaultRuns.After.MANY_POWER_CUTS, heard -> {});
        assertThatThrownBy(() -> {
                    int calls = runs.calls(Operation.WRITE);
                    for (int nth = 1; nth <= calls; nth++) {
                        runs.oneFails(Operation.WRITE, nth);
                    }
                })
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void damageOfAnyFileIsNoticedOrHarmless() throws Exception {
        DamageRuns runs = new DamageRuns(subject("NONE"), 1, heard -> {});
        runs.flippedBits(3);
        runs.zeroedBlocks(3);
        runs.misdirectedBlocks(3);
        runs.otherLengths(3);
        runs.hostileBytes(3);
        runs.missingFiles();
        runs.oldFiles();
        assertThat(runs.runs()).isGreaterThan(100);
        assertThat(runs.toString()).contains("times an error");
    }
}
