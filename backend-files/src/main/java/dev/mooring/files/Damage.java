// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

/** What every message about damage ends with. */
final class Damage {

    static final String REMEDY =
            "Nothing was changed. Restore the whole storage directory from a backup, or remove it and"
                    + " rebuild this server from its peers";

    private Damage() {}
}
