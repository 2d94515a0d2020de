// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Keeps the storage from logging the repairs of thousands of crash states. Works where the JDK's own logging is used. */
final class QuietLog implements AutoCloseable {

    private final Logger logger = Logger.getLogger("dev.mooring");
    private final @Nullable Level before = logger.getLevel();

    QuietLog() {
        logger.setLevel(Level.OFF);
    }

    @Override
    public void close() {
        logger.setLevel(before);
    }
}
