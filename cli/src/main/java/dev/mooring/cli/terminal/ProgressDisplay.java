// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.terminal;

/** Shows how far some work has come. Any thread may report. */
public interface ProgressDisplay extends AutoCloseable {

    /** So many units are done. */
    void reached(long units);

    /** Ends the display; what was shown last stays in a log, and goes from a terminal. */
    @Override
    void close();
}
