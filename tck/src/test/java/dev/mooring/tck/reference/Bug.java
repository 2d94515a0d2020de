// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.reference;

/** What may be deliberately wrong with {@link ReferenceBackend}. Each was found in a released project. */
public enum Bug {
    NONE,
    NEVER_FORCES,
    KEEPS_THE_OLD_TAIL,
    RENAMES_WITHOUT_DIRECTORY_FORCE;

    boolean is(Bug other) {
        return this == other;
    }
}
