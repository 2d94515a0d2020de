// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.terminal;

/** Progress as one plain line for each tenth of the work. */
final class LineDisplay implements ProgressDisplay {

    private static final int TENTHS = 10;

    private final Screen screen;
    private final String task;
    private final String unit;
    private final long total;
    private long tenthsShown;

    LineDisplay(Screen screen, String task, String unit, long total) {
        this.screen = screen;
        this.task = task;
        this.unit = unit;
        this.total = total;
    }

    @Override
    public synchronized void reached(long units) {
        long tenths = total == 0 ? TENTHS : units * TENTHS / total;
        if (tenths > tenthsShown) {
            tenthsShown = tenths;
            screen.progressLine(task + ": " + tenths * TENTHS + " %, " + Screen.count(units) + " of "
                    + Screen.count(total) + " " + unit);
        }
    }

    @Override
    public void close() {}
}
