// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.terminal;

import java.io.PrintStream;

/**
 * Standard output and standard error of the command, and what each of them can show.
 *
 * <p>Java 17 cannot tell whether a single stream is a terminal, so the launcher tells: it sets {@value #OUT_PROPERTY} and
 * {@value #ERR_PROPERTY}. Without the launcher output is plain.
 *
 * @param out where results go
 * @param err where progress and errors go
 * @param colours whether {@code out} understands ANSI codes
 * @param progress whether {@code err} is a terminal, on which a line can be drawn again
 */
public record Terminal(PrintStream out, PrintStream err, Colours colours, Progress progress) {

    static final String OUT_PROPERTY = "mooring.terminal.out";
    static final String ERR_PROPERTY = "mooring.terminal.err";

    /** Whether text is coloured. */
    public enum Colours {
        ON,
        OFF
    }

    /** How progress is shown. */
    public enum Progress {
        /** One line, drawn again and again. */
        BAR,
        /** A plain line now and then. */
        LINES
    }

    /** The streams of this process. NO_COLOR and TERM=dumb are honoured. */
    public static Terminal ofProcess() {
        boolean dumb = "dumb".equals(System.getenv("TERM"));
        boolean colours = Boolean.getBoolean(OUT_PROPERTY) && !dumb && System.getenv("NO_COLOR") == null;
        boolean bar = Boolean.getBoolean(ERR_PROPERTY) && !dumb;
        return new Terminal(
                StandardOutput.ofProcess(),
                System.err,
                colours ? Colours.ON : Colours.OFF,
                bar ? Progress.BAR : Progress.LINES);
    }

    /** Whether standard output is a pipe that nobody reads any more. */
    public boolean readerIsGone() {
        return out instanceof StandardOutput standard && standard.readerIsGone();
    }
}
