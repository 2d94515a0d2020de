// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.Locale;

/** How much of what has no end is looked at: random cases, kills, places of faults and damage, crash states. */
enum Effort {
    /** For the inner loop: every check is made, few times. */
    QUICK,
    /** What a build can wait for. */
    NORMAL,
    /** For a release: hours. */
    EXHAUSTIVE;

    /** Random cases and kills, of which a normal run has so many. */
    int cases(int normal) {
        return switch (this) {
            case QUICK -> Math.max(1, normal / 4);
            case NORMAL -> normal;
            case EXHAUSTIVE -> 10 * normal;
        };
    }

    /** Places on a simulated disk, and crash states, of which a normal run has so many. */
    int states(int normal) {
        return switch (this) {
            case QUICK -> Math.max(1, normal / 8);
            case NORMAL -> normal;
            case EXHAUSTIVE -> 40 * normal;
        };
    }

    /**
     * From the values of the two system properties; false if one is not set.
     *
     * @throws IllegalArgumentException if both are
     */
    static Effort of(String quick, String exhaustive) {
        if (isSet(quick) && isSet(exhaustive)) {
            throw new IllegalArgumentException(
                    Settings.QUICK + " and " + Settings.EXHAUSTIVE + " are both set; a run is one or the other");
        }
        return isSet(quick) ? QUICK : isSet(exhaustive) ? EXHAUSTIVE : NORMAL;
    }

    // -Dmooring.tck.quick alone sets an empty one
    private static boolean isSet(String value) {
        return value.isEmpty() || value.equals("true");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
