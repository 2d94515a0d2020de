// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Keeps the storage from logging each of the thousands of repairs that are provoked, as far as the JDK's logging is used. */
public final class Quiet {

    private final Logger logger = Logger.getLogger("dev.mooring"); // held, for the JDK forgets levels of unused ones
    private @Nullable Level before;

    /** From here on nothing is logged. */
    public void begin() {
        before = logger.getLevel();
        logger.setLevel(Level.OFF);
    }

    /** As it was. */
    public void end() {
        logger.setLevel(before);
    }
}
