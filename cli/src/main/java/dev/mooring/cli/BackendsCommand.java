// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.InstalledBackends;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** {@code mooring backends}. */
@Command(
        name = "backends",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        description = {
            "Lists the storage backends on the class path.",
            "",
            "Of each: the name to write as mooring.backend, the jar that it comes from, what acknowledged changes"
                    + " survive, and its options with their defaults. Exit status 1 if there is none that"
                    + " can be used."
        },
        optionListHeading = "%nOptions:%n")
final class BackendsCommand implements Callable<Integer> {

    private final Screen screen;

    BackendsCommand(Terminal terminal) {
        this.screen = new Screen(terminal);
    }

    @Override
    public Integer call() {
        InstalledBackends installed = InstalledBackends.find();
        if (installed.backends().isEmpty() && installed.broken().isEmpty()) {
            throw new UserError("There is no storage backend on the class path. Add the jar of one, for instance"
                    + " mooring-backend-files");
        }
        return list(installed);
    }

    /** Shows them; answers the exit status. */
    int list(InstalledBackends installed) {
        int usable = 0;
        for (InstalledBackends.Backend backend : installed.backends()) {
            try {
                show(backend);
                usable++;
            } catch (StorageException | RuntimeException | LinkageError e) { // the others are shown all the same
                screen.bad(backend.name() + " cannot be used");
                row("jar", orUnknown(backend.jar()));
                row("cause", e.toString());
            }
        }
        for (InstalledBackends.Broken broken : installed.broken()) {
            screen.bad(broken.provider() + " cannot be used");
            row("jar", orUnknown(broken.jar()));
            row("cause", broken.cause().toString());
        }
        return usable == 0 ? ExitCode.SOFTWARE : ExitCode.OK;
    }

    private void show(InstalledBackends.Backend backend) throws StorageException {
        List<Option> options = backend.provider().options();
        Guarantees guarantees = backend.provider().guarantees(Options.of(backend.name(), options, Map.of()));
        screen.heading(backend.name());
        row("jar", orUnknown(backend.jar()));
        row("version", orUnknown(backend.version()));
        row("durability", word(guarantees.durability()) + ": acknowledged changes " + meaning(guarantees.durability()));
        row(
                "checksums",
                guarantees.checksummedStructures()
                        ? "of entries and of its own structures"
                        : "of entries; damage in its own structures may go unnoticed");
        if (!backend.alsoIn().isEmpty()) {
            row("also in", String.join(", ", backend.alsoIn()) + ": cannot be chosen until one of the jars is removed");
        }
        if (options.isEmpty()) {
            row("options", "none");
        }
        String label = "options";
        for (Option option : options) {
            row(
                    label,
                    "mooring." + backend.name() + "." + option.name() + "=" + option.defaultValue() + values(option));
            row("", "  " + option.help());
            label = "";
        }
    }

    private void row(String label, String value) {
        screen.line(String.format(Locale.ROOT, "   %-11s %s", label, value));
    }

    private static String values(Option option) {
        String unit = option.unit().isEmpty() ? "" : " " + option.unit();
        return switch (option.type()) {
            case NUMBER -> "  (" + option.minimum() + " to " + option.maximum() + unit + ")";
            case FLAG -> "  (true or false)";
            case CHOICE -> "  (" + String.join(", ", option.choices()) + ")";
            case TEXT -> "";
        };
    }

    private static String word(Durability durability) {
        return switch (durability) {
            case VOLATILE -> "volatile";
            case PROCESS_CRASH -> "process-crash";
            case POWER_LOSS -> "power-loss";
        };
    }

    private static String meaning(Durability durability) {
        return switch (durability) {
            case VOLATILE -> "are gone when the process ends";
            case PROCESS_CRASH -> "survive the death of the process, not a power cut";
            case POWER_LOSS -> "survive a power cut at any moment";
        };
    }

    private static String orUnknown(@Nullable String text) {
        return text == null ? "unknown" : text;
    }
}
