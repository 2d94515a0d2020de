// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;

/** What a backend must claim before a rule binds it. */
public enum Claim {
    /** Nothing: the rule binds every backend. */
    NONE,
    /** {@link Durability#PROCESS_CRASH} or more. */
    PROCESS_CRASH,
    /** {@link Durability#POWER_LOSS}. */
    POWER_LOSS,
    /** {@link Durability#PROCESS_CRASH} or more, and {@link Guarantees#checksummedStructures()}. */
    CHECKSUMMED_STRUCTURES;

    /**
     * {@return whether a backend that gives these guarantees makes this claim}
     *
     * @param guarantees what the provider says
     */
    public boolean isMadeBy(Guarantees guarantees) {
        return switch (this) {
            case NONE -> true;
            case PROCESS_CRASH -> guarantees.durability().compareTo(Durability.PROCESS_CRASH) >= 0;
            case POWER_LOSS -> guarantees.durability() == Durability.POWER_LOSS;
            case CHECKSUMMED_STRUCTURES -> guarantees.checksummedStructures() && PROCESS_CRASH.isMadeBy(guarantees);
        };
    }
}
