// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.io.IOException;
import java.util.Random;

/**
 * CRASH: what is left when the process is killed, at random moments and, where strace is there, at system calls. Power cuts
 * are in {@link PowerCutRules}.
 */
abstract class CrashRules extends Rules {

    static final int KILL_STEPS = 3000; // no child comes to its end before it is killed
    private static final int KILLS = 6;
    private static final int RECOVERY_KILLS = 2;
    private static final int PLACES_WHILE_SAVING = 2; // writes and syncs; twice as many renames and unlinks
    private static final int PLACES_WHILE_RECOVERING = 1;

    CrashRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.CRASH_1)
    void theProcessIsKilledWhileItSaves() throws IOException, InterruptedException {
        KillRun run = new KillRun(plug(), directory(), settings().seed(), KILL_STEPS);
        Random random = new Random(settings().seed());
        for (int kill = 0; kill < settings().effort().cases(KILLS) && !run.isAtEnd(); kill++) {
            run.killWhileSaving(1 + random.nextInt(40), random.nextInt(2_000_000));
            run.recoverAndJudge();
        }
    }

    @Verifies(Rule.CRASH_2)
    void theProcessIsKilledWhileItRecovers() throws IOException, InterruptedException {
        KillRun run = new KillRun(plug(), directory(), settings().seed() + 1, KILL_STEPS);
        Random random = new Random(settings().seed());
        run.killWhileRecovering(random.nextDouble()); // in the first initialisation
        for (int kill = 0; kill < settings().effort().cases(RECOVERY_KILLS) && !run.isAtEnd(); kill++) {
            run.killWhileSaving(20 + random.nextInt(40), random.nextInt(2_000_000));
            run.killWhileRecovering(random.nextDouble());
            run.killWhileRecovering(random.nextDouble());
            run.recoverAndJudge();
        }
    }

    @Verifies(Rule.CRASH_1)
    void theProcessIsKilledAtAWriteASyncARenameAndAnUnlinkWhileItSaves() throws IOException, InterruptedException {
        killed(systemCallKills(2).whileSaving(settings().effort().cases(PLACES_WHILE_SAVING)));
    }

    @Verifies(Rule.CRASH_2)
    void theProcessIsKilledAtAWriteASyncARenameAndAnUnlinkWhileItRecovers() throws IOException, InterruptedException {
        killed(systemCallKills(3).whileRecovering(settings().effort().cases(PLACES_WHILE_RECOVERING)));
    }

    private SystemCallKills systemCallKills(int script) throws IOException {
        return new SystemCallKills(
                Strace.INSTALLED, plug(), directory(), settings().seed() + script);
    }
}
