// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.StorageObserver;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.spi.Repair;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Shows what was mended in the copy of a source, as a line instead of a log record. */
final class Watching implements StorageObserver {

    // a failure reaches the user as the exception; held here, because a logger that nobody holds is forgotten with its
    // level
    private static final Logger CORE = Logger.getLogger(StorageObserver.class.getName());

    private final Screen screen;

    Watching(Screen screen) {
        this.screen = screen;
        CORE.setLevel(Level.OFF);
    }

    @Override
    public void repaired(Repair repair) {
        screen.line("Mended in the copy of the source, the source stays as it is: " + repair);
    }
}
