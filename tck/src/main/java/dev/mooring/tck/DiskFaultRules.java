// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.power.FaultRuns;
import java.util.List;

/** FAULT on a simulated disk: every kind of call fails once, at every place where that is. */
abstract class DiskFaultRules extends DiskRules {

    private static final int MOST_PLACES = 16;
    private static final int FULL_DISKS = 4; // small scripts are full before the backend has written much

    DiskFaultRules(StorageTck kit) {
        super(kit);
    }

    private FaultRuns runs() throws Exception {
        return new FaultRuns(core(), DiskModel.JOURNALLED, settings().seed());
    }

    private void everyPlace(List<Operation> operations) throws Exception {
        // what a failed force leaves behind differs most where nothing is durable but what was forced
        for (DiskModel model : DiskModel.values()) {
            everyPlace(new FaultRuns(core(), model, settings().seed()), operations);
        }
    }

    private void everyPlace(FaultRuns runs, List<Operation> operations) throws Exception {
        for (Operation operation : operations) {
            int calls = runs.calls(operation);
            int step = Math.max(1, calls / (MOST_PLACES * effort()));
            for (int nth = 1; nth <= calls; nth += step) {
                runs.oneFails(operation, nth);
            }
        }
    }

    @Verifies(Rule.FAULT_1)
    void aFailedWriteMakesTheSaveThrow() throws Exception {
        everyPlace(List.of(Operation.WRITE, Operation.TRUNCATE));
    }

    @Verifies(Rule.FAULT_1)
    void everyWriteMayStopShort() throws Exception {
        runs().shortWrites();
    }

    @Verifies(Rule.FAULT_2)
    void afterAFailedForceNothingIsAcceptedAndNothingForcedAgain() throws Exception {
        everyPlace(List.of(Operation.FORCE, Operation.FORCE_DIRECTORY));
    }

    @Verifies(Rule.FAULT_1)
    void noNameIsLostWhenADirectoryFails() throws Exception {
        everyPlace(List.of(Operation.CREATE, Operation.RENAME, Operation.DELETE));
    }

    @Verifies(Rule.FAULT_3)
    void aFullDiskLosesNothing() throws Exception {
        for (int script = 0; script < FULL_DISKS; script++) {
            FaultRuns runs =
                    new FaultRuns(core(), DiskModel.JOURNALLED, settings().seed() + script);
            long bytes = runs.usedBytes();
            long places = (long) MOST_PLACES * effort();
            for (long i = 0; i < places; i++) {
                runs.fullAt(bytes * i / places);
            }
        }
    }

    @Verifies(Rule.FAULT_4)
    void tooManyOpenFilesAreAnErrorAndNoLoss() throws Exception {
        FaultRuns runs = runs();
        for (int count = 0; count < 12; count++) {
            runs.openFilesLimitedTo(count);
        }
    }

    @Verifies(Rule.FAULT_4)
    void aReadOnlyDiskAndADeniedPermissionAreErrorsAndNoLoss() throws Exception {
        FaultRuns runs = runs();
        int calls = runs.calls(Operation.CREATE);
        int step = Math.max(1, calls / (MOST_PLACES * effort()));
        for (int nth = 1; nth <= calls; nth += step) {
            runs.allFail(Operation.CREATE, nth, Failure.EROFS);
            runs.allFail(Operation.CREATE, nth, Failure.EACCES);
        }
        everyPlace(List.of(Operation.OPEN, Operation.LIST, Operation.READ));
    }
}
