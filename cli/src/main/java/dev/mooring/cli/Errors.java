// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says on standard error what went wrong and what to do, in a line or two and without a stack trace. */
final class Errors {

    /** How picocli begins to say that a value is none: the option is enough. */
    private static final Pattern INVALID_VALUE = Pattern.compile("^Invalid value for option '([^']+)'[^:]*: ");

    private Errors() {}

    /** The command line makes no sense. */
    static int misunderstood(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        PrintWriter err = line.getErr();
        err.println("mooring: " + INVALID_VALUE.matcher(e.getMessage()).replaceFirst("$1: "));
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("'" + line.getCommandSpec().qualifiedName() + " --help' shows what is understood.");
        return ExitCode.USAGE;
    }

    /** The command could not do what it should. */
    static int failed(Exception e, CommandLine line, ParseResult parsed) {
        PrintWriter err = line.getErr();
        boolean debug = line.getCommandSpec().root().userObject() instanceof Main main && main.isDebug();
        String explanation = explanation(e);
        err.println("mooring: " + (explanation == null ? e.toString() : explanation));
        if (debug) {
            e.printStackTrace(err);
        } else if (explanation == null) {
            err.println("With --debug the command shows where this happened.");
        }
        return ExitCode.SOFTWARE;
    }

    private static @Nullable String explanation(Exception e) {
        if (e instanceof UserError || e instanceof StorageException) {
            return e.getMessage();
        }
        if (e instanceof FileSystemException failure) {
            return explanation(failure);
        }
        return e instanceof IOException && e.getMessage() != null ? e.getMessage() : null;
    }

    /** Java says what happened to a file by the name of a class, and gives no message but the file. */
    private static @Nullable String explanation(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return e.getFile()
                    + " may not be read or written by this user. Run the command as the owner of the files, or"
                    + " change their permissions";
        }
        if (e instanceof NoSuchFileException) {
            return e.getFile() + " is not there, or went away meanwhile";
        }
        String reason = e.getReason();
        return reason == null ? null : e.getFile() + ": " + reason;
    }
}
