// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Keeps storages from logging what checks do to them. Works where the JDK's own logging is used. */
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
