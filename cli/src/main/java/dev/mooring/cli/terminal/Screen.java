// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.terminal;

import dev.mooring.cli.terminal.Terminal.Colours;
import dev.mooring.cli.terminal.Terminal.Progress;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lines of text above a progress bar. Any thread may write.
 *
 * <p>Text goes to standard output, the bar to standard error. On one terminal both meet, so the bar is wiped before a
 * line is written and drawn again below it.
 */
public final class Screen {

    private static final String WIPE_LINE = "\r\033[K";

    private final PrintStream out;
    private final PrintStream err;
    private final Colours colours;
    private final Progress progress;
    private @Nullable String bar; // what stands on the last line of the terminal; null: nothing. Guarded by this
    private boolean finished; // guarded by this

    public Screen(Terminal terminal) {
        this.out = terminal.out();
        this.err = terminal.err();
        this.colours = terminal.colours();
        this.progress = terminal.progress();
    }

    /** A line of its own kind, such as the name of a step. */
    public void heading(String text) {
        line(Style.BOLD, text);
    }

    /** A line of ordinary text. */
    public void line(String text) {
        line(Style.PLAIN, text);
    }

    /** A line that says that all is well. */
    public void good(String text) {
        line(Style.GREEN, text);
    }

    /** A line that says that something is not. */
    public void bad(String text) {
        line(Style.RED, text);
    }

    /** Wipes the bar and shows nothing more: the program is being ended, and what its threads still say would confuse. */
    public synchronized void finish() {
        endBar();
        finished = true;
    }

    /** A bar, or lines now and then, for work of {@code total} units. */
    public ProgressDisplay progress(String task, String unit, long total) {
        return progress == Progress.BAR
                ? new BarDisplay(this, task, unit, total)
                : new LineDisplay(this, task, unit, total);
    }

    /** A count with thousands separated by commas. */
    public static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** A size in the unit that suits it. */
    public static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " bytes";
        }
        return bytes < 1024 * 1024
                ? String.format(Locale.ROOT, "%,.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%,.1f MiB", bytes / (1024.0 * 1024.0));
    }

    /** A duration in seconds. */
    public static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }

    synchronized void drawBar(String text) {
        if (finished) {
            return;
        }
        bar = text;
        err.print(WIPE_LINE + text);
        err.flush();
    }

    synchronized void endBar() {
        if (bar != null) {
            err.print(WIPE_LINE);
            err.flush();
            bar = null;
        }
    }

    synchronized void progressLine(String text) {
        if (!finished) {
            err.println(text);
        }
    }

    private synchronized void line(Style style, String text) {
        if (finished) {
            return;
        }
        String current = bar;
        if (current != null) {
            err.print(WIPE_LINE);
            err.flush();
        }
        out.println(colours == Colours.ON ? style.paint(text) : text);
        out.flush();
        if (current != null) {
            err.print(current);
            err.flush();
        }
    }

    private enum Style {
        PLAIN(""),
        BOLD("\033[1m"),
        GREEN("\033[32m"),
        RED("\033[31m");

        private final String code;

        Style(String code) {
            this.code = code;
        }

        String paint(String text) {
            return this == PLAIN ? text : code + text + "\033[0m";
        }
    }
}
