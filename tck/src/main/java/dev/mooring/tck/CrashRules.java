// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.disk.CrashCheck;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.CrashSummary;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Recording;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** CRASH: what is left when the process dies or power fails. */
abstract class CrashRules extends Rules {

    private static final int STEPS = 60;
    private static final int KILL_STEPS = 3000;
    private static final int KILLS = 10;
    private static final int RECOVERY_KILLS = 4;
    private static final int RECOVERIES = 30;
    private static final long PATIENCE_SECONDS = 600;

    CrashRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.CRASH_1)
    void theProcessIsKilledWhileItSaves() throws IOException, InterruptedException {
        KillRun run = new KillRun(plug(), directory(), settings().seed(), KILL_STEPS);
        Random random = new Random(settings().seed());
        for (int kill = 0; kill < KILLS * settings().scale() && !run.isAtEnd(); kill++) {
            run.killWhileSaving(1 + random.nextInt(40), random.nextInt(2_000_000));
            run.recoverAndJudge();
        }
    }

    @Verifies(Rule.CRASH_2)
    void theProcessIsKilledWhileItRecovers() throws IOException, InterruptedException {
        KillRun run = new KillRun(plug(), directory(), settings().seed() + 1, KILL_STEPS);
        Random random = new Random(settings().seed());
        run.killWhileRecovering(random.nextDouble()); // in the first initialisation
        for (int kill = 0; kill < RECOVERY_KILLS * settings().scale() && !run.isAtEnd(); kill++) {
            run.killWhileSaving(20 + random.nextInt(40), random.nextInt(2_000_000));
            run.killWhileRecovering(random.nextDouble());
            run.killWhileRecovering(random.nextDouble());
            run.recoverAndJudge();
        }
    }

    @Verifies(value = Rule.CRASH_2, needs = Claim.POWER_LOSS)
    void powerFailsWhileItRecovers() throws IOException {
        DiskRun run = diskRun(settings().seed() + 2, STEPS / 2);
        Recording recording = run.record(settings().seed(), DiskModel.STRICT);
        CrashExplorer explorer = CrashExplorer.of(recording);
        Random random = new Random(settings().seed());
        for (int kill = 0; kill < RECOVERIES * settings().scale(); kill++) {
            SimulatedDisk disk = explorer.kill(random.nextInt(recording.length() + 1));
            Recording recovery = run.recover(disk).recording();
            holds(recovery, CrashExplorer.of(recovery).statesPerPosition(4), run.check());
        }
    }

    @Verifies(Rule.CRASH_3)
    void powerFailsOnAJournalledFileSystem() throws IOException {
        powerFails(DiskModel.JOURNALLED, settings().seed() + 3);
    }

    @Verifies(Rule.CRASH_3)
    void powerFailsOnAFileSystemThatPromisesNoMoreThanPosix() throws IOException {
        powerFails(DiskModel.STRICT, settings().seed() + 4);
    }

    @Verifies(Rule.CRASH_4)
    void powerFailsRightAfterARecovery() throws IOException {
        DiskRun run = diskRun(settings().seed() + 5, STEPS / 2);
        Recording recording = run.record(settings().seed(), DiskModel.STRICT);
        CrashExplorer explorer = CrashExplorer.of(recording);
        Random random = new Random(settings().seed());
        for (int kill = 0; kill < RECOVERIES * settings().scale(); kill++) {
            // only the process dies: the page cache shows what may never have reached the disk
            SimulatedDisk disk = explorer.kill(random.nextInt(recording.length() + 1));
            DiskRun.Recovery recovery = run.recover(disk);
            holds(
                    recovery.recording(),
                    CrashExplorer.of(recovery.recording())
                            .from(recovery.recording().length()),
                    run.sameAs(recovery.reported()));
        }
    }

    @Verifies(Rule.CRASH_5)
    void whatWasForcedIsEnough() throws IOException {
        // two states at each position: all that was written survives, and only what was forced
        DiskRun run = diskRun(settings().seed(), STEPS);
        Recording recording = run.record(settings().seed(), DiskModel.STRICT);
        holds(recording, CrashExplorer.of(recording).statesPerPosition(2), run.check());
    }

    private void powerFails(DiskModel model, long seed) throws IOException {
        DiskRun run = diskRun(seed, STEPS);
        Recording recording = run.record(seed, model);
        holds(
                recording,
                CrashExplorer.of(recording).statesPerPosition(10 * settings().scale()),
                run.check());
    }

    private void holds(Recording recording, CrashExplorer explorer, CrashCheck check) {
        CrashSummary summary = explorer.threads(Runtime.getRuntime().availableProcessors())
                .budget(Long.MAX_VALUE, TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS))
                .explore(check);
        Check.that(
                summary.broken() == 0,
                () -> withoutOurOwnName(summary.violations().get(0).toString()) + "\n" + summary.broken() + " of "
                        + summary.states()
                        + " crash states at " + summary.positions() + " of " + recording.length()
                        + " positions are not allowed");
        if (summary.nanos() > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
            throw new NotRun("not to its end: power failed at " + summary.positions() + " of " + recording.length()
                    + " positions in " + PATIENCE_SECONDS + " seconds");
        }
    }

    private static String withoutOurOwnName(String violation) {
        return violation.replace(Check.Observation.class.getName() + ": ", "");
    }

    private DiskRun diskRun(long seed, int steps) throws IOException {
        return new DiskRun(plug(), Files.createDirectories(directory().resolve("disk")), CrashScript.of(seed, steps));
    }
}
