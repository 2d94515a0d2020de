// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import java.nio.file.Path;
import java.util.Set;

/** Names inside the directory of one storage. */
record Layout(Path root) {

    private static final String IDENTITY = "IDENTITY";
    private static final String BEGINNING = "IDENTITY.tmp";
    private static final String MARK = "MARK";
    private static final String DATA = "data";
    private static final String UNFINISHED_DATA = "data.tmp";
    private static final String SNAPSHOTS = "snapshots";
    private static final String LOCK = "LOCK";
    private static final String HOLDER = "LOCK.holder";
    private static final String MIGRATION = "MIGRATION";

    // mkfs puts lost+found into the root of a file system: a disk of its own is still an empty directory
    private static final Set<String> NOT_CONTENTS = Set.of(LOCK, HOLDER, "lost+found");
    private static final Set<String> OURS = Set.of(IDENTITY, BEGINNING, MARK, DATA, SNAPSHOTS);

    Path identity() {
        return root.resolve(IDENTITY);
    }

    /** There while a first initialisation is under way, or was cut short. */
    Path beginning() {
        return root.resolve(BEGINNING);
    }

    Path mark() {
        return root.resolve(MARK);
    }

    Path data() {
        return root.resolve(DATA);
    }

    Path unfinishedData() {
        return root.resolve(UNFINISHED_DATA);
    }

    Path snapshots() {
        return root.resolve(SNAPSHOTS);
    }

    Path lock() {
        return root.resolve(LOCK);
    }

    Path holder() {
        return root.resolve(HOLDER);
    }

    /** There while this is the target of a migration that has not come to its end, see {@link UnfinishedMigration}. */
    Path migration() {
        return root.resolve(MIGRATION);
    }

    /** Whether a name was put there by somebody else, so that a directory that holds it is no place for a new storage. */
    static boolean isForeign(String name) {
        return !NOT_CONTENTS.contains(name) && !OURS.contains(name);
    }

    /** Names that a node's subdirectory must not have, in lower case. */
    static boolean isReserved(String lowerCaseName) {
        return Set.of(
                        "identity",
                        "identity.tmp",
                        "mark",
                        "data",
                        "data.tmp",
                        "snapshots",
                        "lock",
                        "lock.holder",
                        "migration",
                        "workshop")
                .contains(lowerCaseName);
    }
}
