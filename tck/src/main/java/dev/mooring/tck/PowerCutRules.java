// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.power.PowerCuts;
import dev.mooring.tck.power.Subject;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * CRASH on a simulated disk: 67,000 crash states by default, 2,680,000 in an exhaustive run, fewer on a slow machine. Each is
 * recovered and compared with the model. All those of a first crash are written on and opened again, and some are crashed in
 * turn; of the states after a second crash, which count as well, every fourth is written on.
 */
abstract class PowerCutRules extends DiskRules {

    // a machine that is busy explores less, and so does a slow backend, and the report says how much
    private static final long MOST_NANOS_QUICK = TimeUnit.SECONDS.toNanos(2);
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(45); // several times what an idle machine needs
    private static final long MOST_NANOS_A_STATE = TimeUnit.MILLISECONDS.toNanos(1); // of an exhaustive run
    private static final int FEWEST_OF = 40; // below this part of the states nothing can be said
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(10);

    PowerCutRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.CRASH_3)
    void afterAPowerCutOnAJournalledDiskTheStateIsOneOfTheModel() throws IOException {
        powerFails("power fails", core(), 0, DiskModel.JOURNALLED, 16_000);
    }

    @Verifies(Rule.CRASH_3)
    void whatSavesThatQueueUpLeaveIsOneStateAfterTheOther() throws IOException {
        powerFails("power fails under queued saves", core().queued(), 6000, DiskModel.JOURNALLED, 6_000);
    }

    @Verifies(Rule.CRASH_5)
    void everyNameAndEveryByteIsForcedBeforeItIsReliedOn() throws IOException {
        powerFails("power fails", core(), 1000, DiskModel.STRICT, 16_000);
    }

    @Verifies(value = Rule.CRASH_1, needs = Claim.POWER_LOSS)
    void whereverTheProcessDiesTheNextOneGoesOn() throws IOException {
        processDies("the process dies", core(), 2000, DiskModel.JOURNALLED, 5_000);
    }

    @Verifies(value = Rule.CRASH_2, needs = Claim.POWER_LOSS)
    void whereverARecoveryIsCutOffTheNextOneGoesOn() throws IOException {
        processDies("the process dies, other scripts", core(), 5000, DiskModel.STRICT, 3_000);
    }

    @Verifies(Rule.CRASH_4)
    void whatRecoveryReportsAfterTheProcessDiedSurvivesAPowerCut() throws IOException {
        processDies("the process dies", core(), 3000, DiskModel.STRICT, 5_000);
    }

    @Verifies(value = Rule.LOG_7, needs = Claim.POWER_LOSS)
    void aSaveOfSeveralGroupsIsWholeOrAbsentAfterAPowerCut() throws IOException {
        powerFails("power fails, the backend alone", few(), 4000, DiskModel.JOURNALLED, 8_000);
    }

    @Verifies(value = Rule.LOG_7, needs = Claim.POWER_LOSS)
    void aSaveOfManyGroupsIsWholeOrAbsentAfterAPowerCut() throws IOException {
        powerFails("power fails, many groups", crowd(), 7000, DiskModel.JOURNALLED, 4_000);
    }

    @Verifies(value = Rule.CRASH_2, needs = Claim.POWER_LOSS)
    void whereverARecoveryOfManyGroupsIsCutOffTheNextOneGoesOn() throws IOException {
        processDies("the process dies, many groups", crowd(), 8000, DiskModel.STRICT, 4_000);
    }

    private Subject few() throws IOException {
        return bare(Script.shape(LARGEST_PAYLOAD_BYTES));
    }

    private Subject crowd() throws IOException {
        return bare(Script.crowd(LARGEST_PAYLOAD_BYTES));
    }

    private void powerFails(String what, Subject subject, long script, DiskModel model, int states) throws IOException {
        PowerCuts cuts = cuts(what, subject, script, model, states);
        check(what, script, model, states, cuts.powerFails(model, effort().states(states), mostNanos(states)));
    }

    private void processDies(String what, Subject subject, long script, DiskModel model, int states)
            throws IOException {
        PowerCuts cuts = cuts(what, subject, script, model, states);
        check(what, script, model, states, cuts.processDies(model, effort().states(states), mostNanos(states)));
    }

    private PowerCuts cuts(String what, Subject subject, long script, DiskModel model, int states) {
        long seed = settings().seed() + script;
        PowerCuts cuts = new PowerCuts(subject, seed);
        if (!settings().isExhaustive()) {
            return cuts;
        }
        long[] printed = {System.nanoTime()};
        return cuts.whileExploring(sofar -> {
            if (System.nanoTime() - printed[0] >= PROGRESS_NANOS) {
                printed[0] = System.nanoTime();
                System.out.println("so far: " + Explored.of(what, model, seed, effort().states(states), sofar));
            }
        });
    }

    private void check(String what, long script, DiskModel model, int states, PowerCuts.Outcome outcome) {
        Explored explored = Explored.of(what, model, settings().seed() + script, effort().states(states), outcome);
        explored(explored);
        if (settings().isReported()) {
            System.out.println(explored);
        }
        Check.that(outcome.broken().isEmpty(), outcome::toString);
        if (outcome.states() < effort().states(states) / FEWEST_OF) {
            throw new NotRun("only " + outcome + " of " + effort().states(states)
                    + " that should have been: the backend, or this machine, is too slow for a verdict");
        }
    }

    private long mostNanos(int states) {
        return switch (effort()) {
            case QUICK -> MOST_NANOS_QUICK;
            case NORMAL -> MOST_NANOS;
            case EXHAUSTIVE -> effort().states(states) * MOST_NANOS_A_STATE;
        };
    }
}
