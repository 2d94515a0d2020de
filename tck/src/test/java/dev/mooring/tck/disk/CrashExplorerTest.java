// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The explorer finds every bug of a small log, and lets the right one pass. */
final class CrashExplorerTest {

    private static final int CALLS = 26;

    /** Runs the log and stops at the first error, as a program does that fails stop. */
    private static Recording record(ToyLog.Bug bug, DiskModel model, int failingForce) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(5, model);
        try (ToyLog log = new ToyLog(disk.root(), bug)) {
            if (failingForce > 0) {
                disk.inject(Fault.once(Operation.FORCE, failingForce, Failure.EIO));
            }
            for (int call = 1; call <= CALLS; call++) {
                disk.started(call);
                try {
                    log.append();
                } catch (IOException e) {
                    break;
                }
                disk.acknowledged(call);
            }
        }
        return disk.recording();
    }

    /** Recovers, remembers what was there, goes on, and looks again. */
    private static CrashCheck check(ToyLog.Bug bug) {
        return image -> {
            List<Integer> found;
            List<Integer> continued;
            try (ToyLog log = new ToyLog(image.root(), bug)) {
                found = List.copyOf(log.records());
                log.append();
                continued = List.copyOf(log.records());
            }
            try (ToyLog log = new ToyLog(image.root(), bug)) {
                if (!log.records().equals(continued)) {
                    throw new AssertionError("wrote up to " + continued.size() + ", read up to "
                            + log.records().size());
                }
            }
            return (acked, started) -> {
                if (!found.equals(IntStream.rangeClosed(1, found.size()).boxed().toList())) {
                    throw new AssertionError("not a log: " + found);
                }
                if (found.size() < acked || found.size() > started) {
                    throw new AssertionError(
                            "acknowledged " + acked + ", started " + started + ", found " + found.size());
                }
            };
        };
    }

    private static CrashSummary explore(ToyLog.Bug bug, DiskModel model) throws IOException {
        return CrashExplorer.of(record(bug, model, 0)).threads(2).explore(check(bug));
    }

    @ParameterizedTest
    @EnumSource
    void theRightLogSurvivesEveryCrash(DiskModel model) throws IOException {
        CrashSummary summary = explore(ToyLog.Bug.NONE, model);
        assertThat(summary.violations()).isEmpty();
        assertThat(summary.states()).isGreaterThan(200);
        assertThat(summary.distinct()).isGreaterThan(30).isLessThan(summary.states());
    }

    @Test
    void eachBugIsFoundOnAJournalledDisk() throws IOException {
        Set<ToyLog.Bug> found = EnumSet.noneOf(ToyLog.Bug.class);
        for (ToyLog.Bug bug : ToyLog.Bug.values()) {
            if (explore(bug, DiskModel.JOURNALLED).broken() > 0) {
                found.add(bug);
            }
        }
        // a journal commits the name with the first record, and the other two need a failed force and a killed process
        assertThat(found)
                .containsExactlyInAnyOrder(
                        ToyLog.Bug.NO_FORCE, ToyLog.Bug.RENAME_BEFORE_FORCE, ToyLog.Bug.TORN_TAIL_KEPT);
    }

    @Test
    void eachBugIsFoundOnAStrictDisk() throws IOException {
        Set<ToyLog.Bug> found = EnumSet.noneOf(ToyLog.Bug.class);
        for (ToyLog.Bug bug : ToyLog.Bug.values()) {
            if (explore(bug, DiskModel.STRICT).broken() > 0) {
                found.add(bug);
            }
        }
        assertThat(found)
                .containsExactlyInAnyOrder(
                        ToyLog.Bug.NO_FORCE,
                        ToyLog.Bug.NO_DIRECTORY_FORCE,
                        ToyLog.Bug.NO_CHECKSUM,
                        ToyLog.Bug.RENAME_BEFORE_FORCE,
                        ToyLog.Bug.TORN_TAIL_KEPT);
    }

    @ParameterizedTest
    @EnumSource
    void aForceThatIsTriedAgainIsFoundByFailingIt(DiskModel model) throws IOException {
        CrashSummary retried =
                CrashExplorer.of(record(ToyLog.Bug.RETRIED_FORCE, model, 5)).explore(check(ToyLog.Bug.RETRIED_FORCE));
        assertThat(retried.broken()).isPositive();
        CrashSummary stopped =
                CrashExplorer.of(record(ToyLog.Bug.NONE, model, 5)).explore(check(ToyLog.Bug.NONE));
        assertThat(stopped.violations()).isEmpty();
    }

    /** Kills the process everywhere, recovers, and lets power fail from then on: what recovery reported has to stay. */
    private static long lostAfterKill(ToyLog.Bug bug, DiskModel model) throws IOException {
        CrashExplorer explorer = CrashExplorer.of(record(bug, model, 0));
        long broken = 0;
        for (int position = 0; position <= record(bug, model, 0).length(); position++) {
            SimulatedDisk next = explorer.kill(position);
            try (ToyLog log = new ToyLog(next.root(), bug)) {
                next.acknowledged(log.records().size());
                next.started(log.records().size());
            }
            broken += CrashExplorer.of(next.recording()).explore(check(bug)).broken();
        }
        return broken;
    }

    @ParameterizedTest
    @EnumSource
    void whatRecoveryReportsAfterAKillHasToBeDurable(DiskModel model) throws IOException {
        assertThat(lostAfterKill(ToyLog.Bug.NONE, model)).isZero();
        assertThat(lostAfterKill(ToyLog.Bug.NO_FORCE_IN_RECOVERY, model)).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void recoveryCanBeCrashedAgainAndAgain(DiskModel model) throws IOException {
        CrashCheck outer = image -> {
            int found;
            try (ToyLog log = new ToyLog(image.root(), ToyLog.Bug.NONE)) {
                found = log.records().size();
            }
            CrashSummary inner = CrashExplorer.of(image.recording())
                    .statesPerPosition(6)
                    .explore(again -> {
                        try (ToyLog log = new ToyLog(again.root(), ToyLog.Bug.NONE)) {
                            assertThat(log.records()).hasSize(found);
                        }
                        return (acked, started) -> {};
                    });
            assertThat(inner.violations()).isEmpty();
            return (acked, started) -> assertThat(found).isBetween(acked, started);
        };
        CrashSummary summary = CrashExplorer.of(record(ToyLog.Bug.NONE, model, 0))
                .statesPerPosition(6)
                .explore(outer);
        assertThat(summary.violations()).isEmpty();
    }

    @Test
    void aViolationNamesTheFewestLossesAndCanBeMadeAgain() throws IOException {
        Recording recording = record(ToyLog.Bug.NO_DIRECTORY_FORCE, DiskModel.STRICT, 0);
        CrashExplorer explorer = CrashExplorer.of(recording);
        Violation smallest = explorer.explore(check(ToyLog.Bug.NO_DIRECTORY_FORCE))
                .violations()
                .get(0);
        assertThat(smallest.lost()).singleElement().asString().contains("rename /0001.log.tmp -> /0001.log");
        assertThat(smallest.toString()).contains("acknowledged", "seed 5", "model STRICT", "choice");
        SimulatedDisk again = explorer.image(smallest.state());
        assertThatThrownBy(() -> check(ToyLog.Bug.NO_DIRECTORY_FORCE)
                        .recover(again)
                        .judge(smallest.state().acked(), smallest.state().started()))
                .hasMessage(smallest.cause().getMessage());
    }

    @Test
    void theSameSeedExploresTheSameStatesWithOneThreadOrTwo() throws IOException {
        List<Set<Long>> images = new ArrayList<>();
        List<Long> states = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            Set<Long> hashes = new TreeSet<>();
            states.add(CrashExplorer.of(record(ToyLog.Bug.NONE, DiskModel.STRICT, 0))
                    .threads(threads)
                    .explore(image -> {
                        synchronized (hashes) {
                            hashes.add(image.image().contentHash());
                        }
                        return (acked, started) -> {};
                    })
                    .states());
            images.add(hashes);
        }
        assertThat(images.get(0)).isEqualTo(images.get(1));
        assertThat(states.get(0)).isEqualTo(states.get(1));
        Set<Long> others = new TreeSet<>();
        CrashExplorer.of(record(ToyLog.Bug.NONE, DiskModel.STRICT, 0)).seed(99).explore(image -> {
            others.add(image.image().contentHash());
            return (acked, started) -> {};
        });
        assertThat(others).isNotEqualTo(images.get(0));
    }

    @Test
    void aBudgetEndsIt() throws IOException {
        CrashSummary summary = CrashExplorer.of(record(ToyLog.Bug.NONE, DiskModel.STRICT, 0))
                .budget(100, Long.MAX_VALUE)
                .explore(check(ToyLog.Bug.NONE));
        assertThat(summary.states()).isEqualTo(100);
    }
}
