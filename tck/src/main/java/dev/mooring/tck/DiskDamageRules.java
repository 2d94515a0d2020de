// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.power.DamageRuns;
import java.io.IOException;

/** DAMAGE on a simulated disk: one place of one file is not as it was written, after a clean end and after an unclean one. */
abstract class DiskDamageRules extends DiskRules {

    private static final int PER_FILE = 24;
    private static final int TORN_SCRIPTS = 3;
    private static final int HEAD_BYTES = 100;

    DiskDamageRules(StorageTck kit) {
        super(kit);
    }

    private DamageRuns runs() throws IOException {
        return new DamageRuns(core(), settings().seed(), this::heard);
    }

    @Verifies(Rule.DAMAGE_1)
    void aBlockThatIsZeroedOrMisdirectedNeverComesBackAsData() throws Exception {
        DamageRuns runs = runs();
        runs.zeroedBlocks(effort().states(PER_FILE));
        runs.misdirectedBlocks(effort().states(PER_FILE));
        runs.staleBlocks(effort().states(PER_FILE));
    }

    @Verifies(Rule.DAMAGE_1)
    void whatIsDamagedUnderAnOpenStorageNeverComesBackAsData() throws Exception {
        runs().whileOpen(effort().states(PER_FILE));
    }

    @Verifies(Rule.DAMAGE_2)
    void nothingAcknowledgedVanishesSilently() throws Exception {
        DamageRuns runs = runs();
        runs.flippedBits(effort().states(2 * PER_FILE));
        runs.otherLengths(effort().states(PER_FILE));
    }

    @Verifies(Rule.DAMAGE_2)
    void aLastChangeThatIsTornIsReported() throws Exception {
        for (int script = 0; script < TORN_SCRIPTS; script++) {
            new DamageRuns(core(), settings().seed() + script, this::heard)
                    .tornLastChange(effort().states(PER_FILE / 3));
        }
    }

    @Verifies(Rule.DAMAGE_3)
    void aMissingOrOldFileIsAnError() throws Exception {
        for (int i = 0; i < effort().states(5); i++) {
            DamageRuns runs = new DamageRuns(core(), settings().seed() + i, this::heard);
            runs.missingFiles();
            runs.oldFiles();
        }
    }

    @Verifies(Rule.DAMAGE_4)
    void hostileContentsAreAnError() throws Exception {
        runs().hostileBytes(effort().states(2 * PER_FILE));
    }

    @Verifies(Rule.DAMAGE_4)
    void noLengthIsBelieved() throws Exception {
        for (int script = 0; script < effort().states(1); script++) {
            new DamageRuns(core(), settings().seed() + script, this::heard).hugeLengths(HEAD_BYTES);
        }
    }
}
