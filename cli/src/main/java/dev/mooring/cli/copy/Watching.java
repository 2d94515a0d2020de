// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.StorageObserver;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.spi.Repair;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Shows what was mended in the copy of a source, as a line instead of a log record. */
public final class Watching implements StorageObserver {

    // a failure reaches the user as the exception; held here, because a logger that nobody holds is forgotten with its
    // level
    private static final Logger CORE = Logger.getLogger(StorageObserver.class.getName());

    private final Screen screen;
    private final UnaryOperator<String> inTheSource;

    /**
     * Watches one opening.
     *
     * @param inTheSource names the source's files in place of the copy's
     */
    public Watching(Screen screen, UnaryOperator<String> inTheSource) {
        this.screen = screen;
        this.inTheSource = inTheSource;
        CORE.setLevel(Level.OFF);
    }

    @Override
    public void repaired(Repair repair) {
        screen.line("Mended in the copy, the storage itself stays as it is: " + inTheSource.apply(repair.toString()));
    }
}
