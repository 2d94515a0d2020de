// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.RaftStorage;
import dev.mooring.StorageObserver;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.spi.Repair;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Shows what was mended in the copy of a source, as a line instead of a log record; what no crash can do is damage. */
public final class Watching implements StorageObserver {

    // what is logged reaches the user as an exception, too; held here, because a logger that nobody holds is forgotten
    // with its level
    private static final List<Logger> CORE =
            List.of(Logger.getLogger(StorageObserver.class.getName()), Logger.getLogger(RaftStorage.class.getName()));

    private final Screen screen;
    private final Path snapshots;
    private final UnaryOperator<String> inTheSource;
    private int mended;
    private int damaged;

    /**
     * Watches one opening.
     *
     * @param copy the storage's directory
     * @param inTheSource names the source's files in place of the copy's
     */
    public Watching(Screen screen, Path copy, UnaryOperator<String> inTheSource) {
        this.screen = screen;
        this.snapshots = copy.resolve("snapshots");
        this.inTheSource = inTheSource;
        CORE.forEach(logger -> logger.setLevel(Level.OFF));
    }

    @Override
    public synchronized void repaired(Repair repair) {
        String what = inTheSource.apply(repair.toString());
        if (repair.file().startsWith(snapshots)) { // durable before anybody knew of it
            damaged++;
            screen.bad("Damaged: " + what);
        } else {
            mended++;
            screen.line("Mended in the copy, the storage itself stays as it is: " + what);
        }
    }

    /** How much was told that a crash may leave. */
    public synchronized int mended() {
        return mended;
    }

    /** How much was told that is damage, and could be done without. */
    public synchronized int damaged() {
        return damaged;
    }
}
