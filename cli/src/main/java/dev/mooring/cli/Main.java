// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.terminal.Terminal.Colours;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code mooring}. Exit status: 0 done, 1 not done and said why, 2 not understood, 3 damage found. */
@Command(
        name = "mooring",
        description = "Durable storage for Raft: shows it at work and looks after its directories.",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        subcommands = {
            BackendsCommand.class,
            DemoCommand.class,
            MigrateCommand.class,
            VerifyCommand.class,
            CommandLine.HelpCommand.class
        },
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:not done; the reason was said",
            "2:the command was not understood",
            "3:verify found damage"
        },
        footer = {"", "'mooring COMMAND --help' says more of a command."})
public final class Main {

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Shows the stack trace of an error. So does MOORING_DEBUG=1 in the environment.")
    private boolean debug;

    public static void main(String[] args) {
        System.exit(run(Terminal.ofProcess(), args));
    }

    /** Runs a command and answers its exit status. */
    static int run(Terminal terminal, String... args) {
        CommandLine line = new CommandLine(new Main(), new Commands(terminal));
        Help.Ansi ansi = terminal.colours() == Colours.ON ? Help.Ansi.ON : Help.Ansi.OFF;
        line.setColorScheme(Help.defaultColorScheme(ansi));
        line.setOut(writer(terminal.out()));
        line.setErr(writer(terminal.err()));
        line.setParameterExceptionHandler(Errors::misunderstood);
        line.setExecutionExceptionHandler(Errors::failed);
        line.setExpandAtFiles(false); // a path may begin with it
        int status = line.execute(args);
        if (terminal.out().checkError() && !terminal.readerIsGone() && status == ExitCode.OK) {
            line.getErr().println("mooring: standard output took not all that was to be said; is its disk full?");
            return ExitCode.SOFTWARE;
        }
        return status;
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, Charset.defaultCharset());
    }

    boolean isDebug() {
        String variable = System.getenv("MOORING_DEBUG");
        return debug || (variable != null && !variable.isEmpty() && !variable.equals("0"));
    }
}
