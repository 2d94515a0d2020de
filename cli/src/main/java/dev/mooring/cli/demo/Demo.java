// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.cli.terminal.UserError;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The demonstration from its options to its exit status: prepares the input and the directory, tells the story, and
 * leaves nothing behind, however it ends.
 */
public final class Demo {

    private final Screen screen;

    public Demo(Terminal terminal) {
        this.screen = new Screen(terminal);
    }

    /**
     * What the user chose.
     *
     * @param input text to load; null: the bundled one
     * @param data directory that is kept; null: a temporary one
     * @param backend name of the storage backend
     * @param seed fixes the moments of the kills
     */
    public record Choices(@Nullable Path input, @Nullable Path data, String backend, long seed) {}

    /**
     * Tells the whole story.
     *
     * @return whether every step happened as told and every acknowledged line is on all three servers
     * @throws UserError if the choices cannot be followed, or a step did not happen as told
     */
    public boolean run(Choices choices) throws IOException, InterruptedException {
        Path input = choices.input();
        Text text = input == null ? Text.bundled() : Text.read(input);
        Path kept = choices.data();
        DataDirectory data = kept == null ? DataDirectory.temporary() : DataDirectory.kept(kept);
        PrintStream stderr = System.err;
        try (Cleanup cleanup = new Cleanup(data, screen);
                PrintStream log = clientLog(data)) {
            System.setErr(log); // Ratis, gRPC and whoever else logs in this process
            return tell(new Story(screen, text, data, choices, cleanup::servers), cleanup);
        } finally {
            System.setErr(stderr);
            if (Files.exists(data.path())) {
                screen.line("The data is kept in " + data.path());
            }
        }
    }

    private static boolean tell(Story story, Cleanup cleanup) throws InterruptedException {
        boolean good = false;
        try {
            good = story.tell();
        } catch (DemoFailure | IOException e) {
            if (!cleanup.interrupted()) {
                throw new UserError("The demonstration failed. " + e.getMessage(), e);
            }
        } finally {
            cleanup.keepData(!good);
        }
        return good;
    }

    private static PrintStream clientLog(DataDirectory data) throws IOException {
        return new PrintStream(
                Files.newOutputStream(data.clientLog(), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                true,
                StandardCharsets.UTF_8);
    }
}
