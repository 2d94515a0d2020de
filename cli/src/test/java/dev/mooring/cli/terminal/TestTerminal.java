// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.terminal;

import dev.mooring.cli.terminal.Terminal.Colours;
import dev.mooring.cli.terminal.Terminal.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/** A terminal whose output can be looked at. */
public final class TestTerminal {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Terminal terminal;

    private TestTerminal(Colours colours, Progress progress) {
        terminal = new Terminal(stream(out), stream(err), colours, progress);
    }

    /** Output as in a pipe. */
    public static TestTerminal plain() {
        return new TestTerminal(Colours.OFF, Progress.LINES);
    }

    /** Output as on a screen. */
    public static TestTerminal interactive() {
        return new TestTerminal(Colours.ON, Progress.BAR);
    }

    public Terminal terminal() {
        return terminal;
    }

    public String out() {
        return out.toString(Charset.defaultCharset());
    }

    public String err() {
        return err.toString(Charset.defaultCharset());
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, Charset.defaultCharset());
    }
}
