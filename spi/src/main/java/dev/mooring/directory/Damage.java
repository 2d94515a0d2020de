// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

/** What every message about damage of a whole storage ends with; {@code docs/errors.md} says it at length. */
final class Damage {

    // in this order: a backup in a cluster that has gone on forgets votes and entries that were acknowledged
    static final String REMEDY =
            "Keep a copy of the directory; take this server out of its cluster and add it again as a"
                    + " new member with an empty directory. Only where no majority is whole, put back a backup of the whole"
                    + " directory";

    private Damage() {}
}
