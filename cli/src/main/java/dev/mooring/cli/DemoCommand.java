// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.cli.demo.Demo;
import dev.mooring.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** {@code mooring demo}. */
@Command(
        name = "demo",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        description = {
            "Three Raft servers, a replicated key-value store, and SIGKILL.",
            "",
            "Starts three Apache Ratis servers as three processes on the loopback address, with their log on a Mooring"
                    + " storage, and loads a text into them line by line. On the way the leader is killed and catches up"
                    + " from the log, a follower is killed and catches up through a snapshot, and all three are killed at"
                    + " once. At the end all three are compared with the text and with each other.",
            "",
            "Exit status 1 if an acknowledged line is missing or differs, or if a step did not happen as told."
        },
        optionListHeading = "%nOptions:%n")
final class DemoCommand implements Callable<Integer> {

    private static final int SEEDS = 10_000; // four digits are easy to repeat

    private final Terminal terminal;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            converter = PathOption.class,
            description = "Text to load, of 100 to 1,000,000 lines. Default: the Book of Psalms, which is bundled.")
    private @Nullable Path input;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            converter = PathOption.class,
            description =
                    "Directory for the servers' files, new or empty or of an earlier demo, which is removed. It is"
                            + " kept afterwards. Default: a temporary directory, removed at the end unless the demo failed.")
    private @Nullable Path data;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "files",
            description = "Storage backend, one of those that 'mooring backends' lists. Default: ${DEFAULT-VALUE}.")
    private String backend = "files";

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Fixes at which lines the servers are killed. Default: a new one each time, printed.")
    private @Nullable Long seed;

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        InstalledBackend.require(backend);
        Long chosen = seed;
        long actualSeed = chosen == null ? new Random().nextInt(SEEDS) : chosen;
        boolean good = new Demo(terminal).run(new Demo.Choices(input, data, backend, actualSeed));
        return good ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
