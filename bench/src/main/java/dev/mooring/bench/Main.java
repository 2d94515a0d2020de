// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The measurements, one command each. */
@Command(
        name = "mooring-bench",
        description = "Measures a storage on this machine.",
        mixinStandardHelpOptions = true,
        subcommands = {Saves.class, Compare.class, Space.class, Snapshots.class, ManyGroups.class})
public final class Main {

    Main() {}

    /**
     * Runs one measurement, and ends the JVM with its exit status.
     *
     * @param arguments its name and options
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }
}
