// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.util.List;

/** SNAP: the pointer to a snapshot and what changes together with it. */
abstract class SnapRules extends Rules {

    SnapRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.SNAP_1)
    void theLastPointerSurvives() throws IOException {
        Twin twin = twin();
        twin.append("g", 20, 1, 100);
        pointer(twin, "g", new SnapshotPointer(3, 1, true, 1));
        twin.reopen();
        pointer(twin, "g", new SnapshotPointer(9, 1, false, 2));
        twin.crash();
        pointer(twin, "g", new SnapshotPointer(9, 1, true, 3));
        twin.crash();
        pointer(twin, "g", new SnapshotPointer(10, -1, true, 4));
        twin.append("g", 3, 1, 100);
        twin.crash();
    }

    @Verifies(Rule.SNAP_1)
    void extremePointersSurvive() throws IOException {
        Twin twin = twin();
        pointer(twin, "high", new SnapshotPointer(Long.MAX_VALUE - 5, Long.MAX_VALUE, false, Long.MAX_VALUE));
        pointer(twin, "highest", new SnapshotPointer(Long.MAX_VALUE - 1, Long.MAX_VALUE, false, Long.MAX_VALUE));
        pointer(twin, "zero", new SnapshotPointer(0, 0, false, 0));
        pointer(twin, "unknown-term", new SnapshotPointer(1L << 33, -1, true, 1L << 34));
        twin.reopen();
        twin.crash();
    }

    @Verifies(Rule.SNAP_1)
    void aPointerOutlivesTheFilesItWasWrittenTo() throws IOException {
        Twin twin = twin();
        pointer(twin, "quiet", new SnapshotPointer(5, 2, false, 1));
        twin.keepBusy("busy");
        twin.crash();
    }

    @Verifies(Rule.SNAP_2)
    void aSnapshotThatEmptiesTheLogMovesItsFirstIndex() throws IOException {
        Twin twin = twin();
        twin.append("g", 20, 1, 100);
        twin.saveSnapshot(
                twin.nextSequence(),
                new Update("g", 0L, List.of(), new HardState(7, null, 50), null),
                new SnapshotPointer(50, 7, false, 1));
        twin.checkGone("g", 0, 19);
        twin.crash();
        twin.append("g", 5, 7, 100);
        twin.checkGone("g", 0, 19);
        twin.checkRead("g", 51, 60);
        twin.crash();
        twin.reopen();
    }

    @Verifies(Rule.SNAP_2)
    void aSnapshotInsideTheLogKeepsIt() throws IOException {
        Twin twin = twin();
        twin.append("g", 20, 1, 100);
        twin.saveSnapshot(
                twin.nextSequence(),
                new Update("g", null, List.of(), new HardState(2, "n1", 12), null),
                new SnapshotPointer(12, 1, false, 1));
        twin.checkReads();
        twin.crash();
        twin.releaseLock("g", 12);
        twin.append("g", 2, 2, 100);
        twin.reopen();
    }

    @Verifies(Rule.SNAP_2)
    void aSnapshotDiscardsAConflictingLog() throws IOException {
        Twin twin = twin();
        for (int i = 0; i < 30; i++) {
            twin.append("g", 2, 1, 9000);
        }
        twin.saveSnapshot(
                twin.nextSequence(),
                new Update("g", 0L, List.of(), new HardState(3, null, 30), null),
                new SnapshotPointer(30, 3, false, 1));
        twin.checkGone("g", 0, 59);
        twin.append("g", 1, 3, 9000);
        twin.crash();
        twin.checkRead("g", 31, 59);
    }

    @Verifies(Rule.SNAP_2)
    void aSnapshotOfANewGroupIsWhereItsLogBegins() throws IOException {
        Twin twin = twin();
        pointer(twin, "g", new SnapshotPointer(41, 6, false, 1));
        twin.crash();
        twin.append("g", 3, 6, 20);
        twin.crash();
        // released, so that the log is empty, then a snapshot from the leader
        twin.snapshot("g", 44, 6);
        twin.releaseLock("g", 44);
        pointer(twin, "g", new SnapshotPointer(100, 8, false, 90));
        twin.crash();
        twin.append("g", 3, 8, 20);
        twin.reopen();
    }

    @Verifies(Rule.SNAP_2)
    void aSnapshotIsOneChange() throws IOException {
        Twin twin = twin();
        for (int i = 1; i <= 10; i++) {
            twin.append("g", 10, i, 100);
            long index = twin.model().state("g").lastIndex() + 5;
            long first = twin.model().state("g").firstIndex();
            twin.saveSnapshot(
                    twin.nextSequence(),
                    new Update("g", first, List.of(), new HardState(i + 1, "n" + i, index), null),
                    new SnapshotPointer(index, i + 1, i % 2 == 0, 1000 + i));
            twin.crash(i % 3 == 0 ? twin.model().sequence() : 0);
        }
    }

    private static void pointer(Twin twin, String group, SnapshotPointer pointer) throws IOException {
        twin.saveSnapshot(twin.nextSequence(), new Update(group, null, List.of(), null, null), pointer);
    }
}
