// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.power.DamageRuns;
import java.io.IOException;

/** DAMAGE on a simulated disk: one place of one file is not as it was written, after a clean end and after an unclean one. */
abstract class DiskDamageRules extends DiskRules {

    private static final int PER_FILE = 40;
    private static final int HEAD_BYTES = 150;

    DiskDamageRules(StorageTck kit) {
        super(kit);
    }

    private DamageRuns runs() throws IOException {
        return new DamageRuns(core(), settings().seed());
    }

    @Verifies(Rule.DAMAGE_1)
    void aBlockThatIsZeroedOrMisdirectedNeverComesBackAsData() throws IOException {
        DamageRuns runs = runs();
        runs.zeroedBlocks(PER_FILE * effort());
        runs.misdirectedBlocks(PER_FILE * effort());
    }

    @Verifies(Rule.DAMAGE_2)
    void nothingAcknowledgedVanishesSilently() throws IOException {
        DamageRuns runs = runs();
        runs.flippedBits(2 * PER_FILE * effort());
        runs.otherLengths(PER_FILE * effort());
    }

    @Verifies(Rule.DAMAGE_3)
    void aMissingOrOldFileIsAnError() throws IOException {
        for (int i = 0; i < 5 * effort(); i++) {
            DamageRuns runs = new DamageRuns(core(), settings().seed() + i);
            runs.missingFiles();
            runs.oldFiles();
        }
    }

    @Verifies(Rule.DAMAGE_4)
    void hostileContentsAreAnError() throws IOException {
        runs().hostileBytes(2 * PER_FILE * effort());
    }

    @Verifies(Rule.DAMAGE_4)
    void noLengthIsBelieved() throws IOException {
        for (int script = 0; script < effort(); script++) {
            new DamageRuns(core(), settings().seed() + script).hugeLengths(HEAD_BYTES);
        }
    }
}
