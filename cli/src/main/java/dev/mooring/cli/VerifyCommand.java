// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.verify.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mooring verify}. */
@Command(
        name = "verify",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        description = {
            "Reads all of a storage, a backup for instance, and tells what each of its groups holds.",
            "",
            "Every entry and every byte of the snapshots is read and compared with its checksum, of a group up to its"
                    + " first damaged entry. Opening a storage may mend and clean up, so a copy is made and opened; the"
                    + " storage itself must not be open, and is never written to. What a crash may leave and the next"
                    + " opening mends is told, and is no damage."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all is whole",
            "1:not done; the reason was said",
            "2:the command was not understood",
            "3:something is damaged"
        },
        optionListHeading = "%nOptions:%n")
final class VerifyCommand implements Callable<Integer> {

    private static final int DAMAGED = 3;

    private final Terminal terminal;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            converter = PathOption.class,
            required = true,
            description = "The storage's own directory; with nodes, that of one node.")
    private @Nullable Path directory;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(
            names = "--work",
            paramLabel = "DIR",
            converter = PathOption.class,
            defaultValue = "${sys:java.io.tmpdir}",
            description =
                    "Where the copy is made, which is removed at the end. It needs as much room as the storage takes."
                            + " Default: ${DEFAULT-VALUE}.")
    private @Nullable Path work;

    VerifyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Path storage = directory;
        Path copy = work;
        if (storage == null || copy == null) {
            throw new IllegalStateException("both are there"); // picocli has seen to it
        }
        boolean whole = Verification.run(storage, config.load(), copy, new Screen(terminal));
        return whole ? ExitCode.OK : DAMAGED;
    }
}
