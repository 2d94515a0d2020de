// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.power.PowerCuts;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * CRASH on a simulated disk: 50,000 crash states by default, 2,000,000 in an exhaustive run. Each is recovered, compared
 * with the model, written on and opened again, and some are crashed in turn.
 */
abstract class PowerCutRules extends DiskRules {

    // a machine that is busy explores less
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(15);

    PowerCutRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.CRASH_3)
    void afterAPowerCutOnAJournalledDiskTheStateIsOneOfTheModel() throws IOException {
        check(new PowerCuts(core(), settings().seed())
                .powerFails(DiskModel.JOURNALLED, 16_000L * effort(), MOST_NANOS * effort()));
    }

    @Verifies(Rule.CRASH_3)
    void whatSavesThatQueueUpLeaveIsOneStateAfterTheOther() throws IOException {
        check(new PowerCuts(core().queued(), settings().seed() + 6000)
                .powerFails(DiskModel.JOURNALLED, 6_000L * effort(), MOST_NANOS * effort()));
    }

    @Verifies(Rule.CRASH_5)
    void everyNameAndEveryByteIsForcedBeforeItIsReliedOn() throws IOException {
        check(new PowerCuts(core(), settings().seed() + 1000)
                .powerFails(DiskModel.STRICT, 16_000L * effort(), MOST_NANOS * effort()));
    }

    @Verifies(value = Rule.CRASH_1, needs = Claim.POWER_LOSS)
    void whereverTheProcessDiesTheNextOneGoesOn() throws IOException {
        check(new PowerCuts(core(), settings().seed() + 2000)
                .processDies(DiskModel.JOURNALLED, 5_000L * effort(), MOST_NANOS * effort()));
    }

    @Verifies(value = Rule.CRASH_2, needs = Claim.POWER_LOSS)
    void whereverARecoveryIsCutOffTheNextOneGoesOn() throws IOException {
        check(new PowerCuts(core(), settings().seed() + 5000)
                .processDies(DiskModel.STRICT, 3_000L * effort(), MOST_NANOS * effort()));
    }

    @Verifies(Rule.CRASH_4)
    void whatRecoveryReportsAfterTheProcessDiedSurvivesAPowerCut() throws IOException {
        check(new PowerCuts(core(), settings().seed() + 3000)
                .processDies(DiskModel.STRICT, 5_000L * effort(), MOST_NANOS * effort()));
    }

    @Verifies(value = Rule.LOG_7, needs = Claim.POWER_LOSS)
    void aSaveOfSeveralGroupsIsWholeOrAbsentAfterAPowerCut() throws IOException {
        check(new PowerCuts(bare(), settings().seed() + 4000)
                .powerFails(DiskModel.JOURNALLED, 8_000L * effort(), MOST_NANOS * effort()));
    }

    private static void check(PowerCuts.Outcome outcome) {
        Check.that(outcome.broken().isEmpty(), outcome::toString);
    }
}
