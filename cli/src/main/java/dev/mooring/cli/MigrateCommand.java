// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.cli.migrate.Migration;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mooring migrate}. */
@Command(
        name = "migrate",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        description = {
            "Carries a storage over to another backend.",
            "",
            "Copies all groups with their entries, hard states and snapshots, and verifies every entry afterwards. The"
                    + " source must not be open, and is never written to. The target opens only when it is complete; a"
                    + " migration that was killed is simply run again. Beside the target its directory must have room"
                    + " for a copy of the source, until it is done.",
            "",
            "Run it as the user of the server: the target is for its owner only."
        },
        optionListHeading = "%nOptions:%n")
final class MigrateCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Option(
            names = "--from",
            paramLabel = "DIR",
            converter = PathOption.class,
            required = true,
            description = "The storage's own directory; with nodes, that of one node.")
    private @Nullable Path from;

    @Option(
            names = "--to",
            paramLabel = "DIR",
            converter = PathOption.class,
            required = true,
            description = "The new directory. Must not exist yet, or be empty, or be what a killed migration left.")
    private @Nullable Path to;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            required = true,
            description = "The new backend, one of those that 'mooring backends' lists.")
    private String backend = "";

    @Mixin
    private ConfigOption config = new ConfigOption();

    MigrateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Path source = from;
        Path target = to;
        if (source == null || target == null) {
            throw new IllegalStateException("both are required"); // picocli has seen to it
        }
        InstalledBackend.require(backend);
        Migration.run(
                new Migration.Choices(source, target, config.load().with("mooring.backend", backend), config.file()),
                new Screen(terminal));
        return ExitCode.OK;
    }
}
