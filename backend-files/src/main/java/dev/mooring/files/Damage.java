// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

/** What every message about damage ends with. */
final class Damage {

    // in this order: a backup in a cluster that has gone on forgets votes and entries that were acknowledged
    static final String REMEDY =
            "Nothing was changed. Keep a copy of the directory; take this server out of its cluster"
                    + " and add it again as a new member with an empty directory. Only where no majority is whole, put back a"
                    + " backup of the whole directory";

    private Damage() {}
}
