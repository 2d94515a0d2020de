// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import java.io.IOException;

/** REL, as the core keeps it: what no snapshot covers is not released. */
abstract class CoreRelRules extends CoreRules {

    CoreRelRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.REL_4)
    void whatNoSnapshotCoversIsNotReleased() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 9, 2);
        refused(storage, "a release without a snapshot", () -> group.releaseLock(3));
        group.recordSnapshot(5, 2);
        refused(storage, "a release above the snapshot", () -> group.releaseLock(6));
        group.releaseLock(5);
        logIs(group, 6, 9);
        logIs(reopened(storage).group("g"), 6, 9);
    }

    @Verifies(Rule.REL_4)
    void aSnapshotOfItsOwnIsReleasedUpToTheOldestKept() throws IOException {
        RaftStorage storage = open(config().with("mooring.snapshot.retain", "2"));
        RaftGroup group = filled(storage, "g", 20, 2);
        snapshot(group, 5, 2, null);
        snapshot(group, 10, 2, null);
        refused(storage, "a release above the snapshot", () -> group.releaseLock(11));
        group.releaseLock(10);
        logIs(group, 6, 20);
        snapshot(group, 15, 2, null);
        logIs(group, 11, 20);
    }
}
