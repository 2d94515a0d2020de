// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.cli.terminal.UserError;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says on standard error what went wrong and what to do, in a line or two and without a stack trace. */
final class Errors {

    private Errors() {}

    /** The command line makes no sense. */
    static int misunderstood(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        PrintWriter err = line.getErr();
        err.println("mooring: " + e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("'" + line.getCommandSpec().qualifiedName() + " --help' shows what is understood.");
        return ExitCode.USAGE;
    }

    /** The command could not do what it should. */
    static int failed(Exception e, CommandLine line, ParseResult parsed) {
        PrintWriter err = line.getErr();
        boolean debug = line.getCommandSpec().root().userObject() instanceof Main main && main.isDebug();
        err.println("mooring: " + (e instanceof UserError ? e.getMessage() : e.toString()));
        if (debug) {
            e.printStackTrace(err);
        } else if (!(e instanceof UserError)) {
            err.println("With --debug the command shows where this happened.");
        }
        return ExitCode.SOFTWARE;
    }
}
