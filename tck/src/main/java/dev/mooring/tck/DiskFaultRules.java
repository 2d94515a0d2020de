// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.power.FaultRuns;
import dev.mooring.tck.power.FaultRuns.After;
import dev.mooring.tck.power.FaultRuns.End;
import dev.mooring.tck.power.SideBySide;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** FAULT on a simulated disk: every kind of call fails once, at every place where that is. */
abstract class DiskFaultRules extends DiskRules {

    private static final int MOST_PLACES = 20;
    private static final int PLACES_OF_A_SHORTAGE = 10;
    private static final int PLACES_OF_AN_OPENING = 8;
    private static final int RECOVERIES = 3;
    private static final List<Operation> OF_A_RECOVERY = List.of(
            Operation.READ,
            Operation.WRITE,
            Operation.TRUNCATE,
            Operation.FORCE,
            Operation.FORCE_DIRECTORY,
            Operation.CREATE,
            Operation.RENAME,
            Operation.DELETE);
    private static final int FULL_DISKS = 4; // small scripts are full before the backend has written much

    DiskFaultRules(StorageTck kit) {
        super(kit);
    }

    private FaultRuns runs() throws Exception {
        return runs(DiskModel.JOURNALLED, 0);
    }

    private FaultRuns runs(DiskModel model, int script) throws Exception {
        return new FaultRuns(core(), model, settings().seed() + script, after(), this::heard);
    }

    private After after() throws IOException {
        if (!Claim.POWER_LOSS.isMadeBy(plug().guarantees())) {
            return After.KILL;
        }
        return settings().isExhaustive() ? After.MANY_POWER_CUTS : After.SOME_POWER_CUTS;
    }

    private List<SideBySide.Task> everyPlace(List<Operation> operations) throws Exception {
        List<SideBySide.Task> places = new ArrayList<>();
        // what a failed force leaves behind differs most where nothing is durable but what was forced
        for (DiskModel model : DiskModel.values()) {
            FaultRuns runs = runs(model, 0);
            for (Operation operation : operations) {
                eachCall(runs, operation, nth -> places.add(() -> runs.oneFails(operation, nth)));
            }
        }
        return places;
    }

    /** Calls of one kind, spread over all that a run makes. */
    private void eachCall(FaultRuns runs, Operation operation, IntConsumer nth) throws IOException {
        someCalls(runs, operation, MOST_PLACES, nth);
    }

    private void someCalls(FaultRuns runs, Operation operation, int most, IntConsumer nth) throws IOException {
        int calls = runs.calls(operation);
        long places = Math.min(calls, effort().states(most));
        for (long place = 0; place < places; place++) {
            nth.accept(1 + (int) (place * calls / places));
        }
    }

    @Verifies(Rule.FAULT_1)
    void aFailedWriteMakesTheSaveThrow() throws Exception {
        SideBySide.run(everyPlace(List.of(Operation.WRITE, Operation.TRUNCATE)));
    }

    @Verifies(Rule.FAULT_1)
    void everyWriteMayStopShort() throws Exception {
        runs().shortWrites();
    }

    @Verifies(Rule.FAULT_1)
    void everyReadMayStopShort() throws Exception {
        runs().shortReads();
    }

    /** Where most is written that nothing has proven yet, and a whole log is read. */
    @Verifies(Rule.FAULT_1)
    void aRecoveryThatFailsLosesNothing() throws Exception {
        List<SideBySide.Task> places = new ArrayList<>();
        for (int script = 0; script < RECOVERIES; script++) {
            for (End end : End.values()) {
                FaultRuns runs = runs(end == End.BEFORE_A_FORCE ? DiskModel.STRICT : DiskModel.JOURNALLED, script);
                for (Operation operation : OF_A_RECOVERY) {
                    int normal = operation == Operation.READ ? 4 : 1;
                    int calls = runs.callsOfRecovery(end, operation);
                    int count = Math.min(calls, effort().states(normal));
                    for (int i = 0; i < count; i++) {
                        // from the first to the last, all scripts together
                        int part = i * RECOVERIES + script;
                        int nth = 1 + (int) ((long) part * (calls - 1) / (count * RECOVERIES - 1));
                        places.add(() -> runs.oneFailsInRecovery(end, operation, nth, Failure.EIO));
                    }
                }
            }
        }
        SideBySide.run(places);
    }

    @Verifies(Rule.FAULT_3)
    void aDiskThatIsFullInARecoveryLosesNothing() throws Exception {
        List<SideBySide.Task> places = new ArrayList<>();
        FaultRuns runs = runs();
        for (End end : End.values()) {
            for (long bytes : new long[] {0, 4096, 20_000, 100_000}) {
                places.add(() -> runs.fullInRecovery(end, bytes));
            }
            places.add(() -> runs.allFailInRecovery(end, Operation.CREATE, 1, Failure.ENOSPC));
        }
        SideBySide.run(places);
    }

    @Verifies(Rule.FAULT_2)
    void afterAFailedForceNothingIsAcceptedAndNothingForcedAgain() throws Exception {
        SideBySide.run(everyPlace(List.of(Operation.FORCE, Operation.FORCE_DIRECTORY)));
    }

    @Verifies(Rule.FAULT_1)
    void noNameIsLostWhenADirectoryFails() throws Exception {
        SideBySide.run(everyPlace(List.of(Operation.CREATE, Operation.RENAME, Operation.DELETE)));
    }

    @Verifies(Rule.FAULT_3)
    void aFullDiskLosesNothing() throws Exception {
        List<SideBySide.Task> places = new ArrayList<>();
        for (int script = 0; script < FULL_DISKS; script++) {
            FaultRuns runs = runs(DiskModel.JOURNALLED, script);
            long bytes = runs.usedBytes();
            long count = effort().states(MOST_PLACES);
            for (long i = 0; i < count; i++) {
                long full = bytes * i / count;
                places.add(() -> runs.fullAt(full));
            }
        }
        SideBySide.run(places);
    }

    /** There may be room in the files that are there, and none for a name. */
    @Verifies(Rule.FAULT_3)
    void aFullDiskThatRefusesNewFilesLosesNothing() throws Exception {
        FaultRuns runs = runs();
        List<SideBySide.Task> places = new ArrayList<>();
        someCalls(
                runs,
                Operation.CREATE,
                PLACES_OF_A_SHORTAGE,
                nth -> places.add(() -> runs.allFail(Operation.CREATE, nth, Failure.ENOSPC)));
        SideBySide.run(places);
    }

    @Verifies(Rule.FAULT_4)
    void tooManyOpenFilesAreAnErrorAndNoLoss() throws Exception {
        FaultRuns runs = runs();
        for (int count = 0; count < 12; count++) {
            runs.openFilesLimitedTo(count);
        }
    }

    /** A limit that another part of the process has used up lets the first calls pass and fails one in the middle. */
    @Verifies(Rule.FAULT_4)
    void tooManyOpenFilesForAMomentAreAnErrorAndNoLoss() throws Exception {
        FaultRuns runs = runs();
        List<SideBySide.Task> places = new ArrayList<>();
        for (Operation operation : List.of(Operation.OPEN, Operation.CREATE, Operation.LIST)) {
            someCalls(
                    runs,
                    operation,
                    PLACES_OF_A_SHORTAGE,
                    nth -> places.add(() -> runs.oneFails(operation, nth, Failure.EMFILE)));
        }
        SideBySide.run(places);
    }

    @Verifies(Rule.FAULT_4)
    void whatCanNotBeSeenIsNotTakenForMissing() throws Exception {
        FaultRuns runs = runs();
        List<SideBySide.Task> places = new ArrayList<>();
        for (Operation operation : List.of(Operation.OPEN, Operation.LIST, Operation.STAT)) {
            for (int nth = 1; nth <= PLACES_OF_AN_OPENING; nth++) {
                int place = nth;
                places.add(() -> runs.reopeningIsRefused(operation, place, Failure.EACCES));
                if (operation != Operation.STAT) { // which opens nothing
                    places.add(() -> runs.reopeningIsRefused(operation, place, Failure.EMFILE));
                }
            }
        }
        SideBySide.run(places);
    }

    @Verifies(Rule.FAULT_4)
    void aReadOnlyDiskAndADeniedPermissionAreErrorsAndNoLoss() throws Exception {
        FaultRuns runs = runs();
        runs.reopeningReadOnly();
        List<SideBySide.Task> places =
                everyPlace(List.of(Operation.OPEN, Operation.LIST, Operation.READ, Operation.STAT));
        eachCall(runs, Operation.CREATE, nth -> {
            places.add(() -> runs.allFail(Operation.CREATE, nth, Failure.EROFS));
            places.add(() -> runs.allFail(Operation.CREATE, nth, Failure.EACCES));
        });
        SideBySide.run(places);
    }
}
