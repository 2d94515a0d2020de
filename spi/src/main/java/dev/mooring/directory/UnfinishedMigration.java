// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * {@code MIGRATION} marks a directory that a migration fills: a regular file, durable before anything else is there and
 * removed last. Its text is the command that finishes the work. Whatever else the directory holds by then, an opening that
 * took it for a storage could miss entries and votes, and one that took it for empty would begin with an empty log.
 */
final class UnfinishedMigration {

    private static final int MAX_SHOWN_BYTES = 2048;

    private UnfinishedMigration() {}

    /**
     * Looks only.
     *
     * @throws StorageException.Refused if the mark is there
     */
    static void refuse(Layout layout) throws IOException {
        BasicFileAttributes attributes = Entries.attributes(layout.migration());
        if (attributes == null || attributes.isDirectory()) { // a directory is a node of this name
            return;
        }
        throw new StorageException.Refused(
                layout.root() + " is the target of a migration that has not come to its end: it still runs, or was"
                        + " stopped. What is there so far is not a storage. Nothing was changed. Finish it with the"
                        + " same command again" + command(layout.migration()) + ", or give it up: set"
                        + " mooring.directory and mooring.backend back to the source's, and only then remove this"
                        + " directory; the source is as it was");
    }

    private static String command(Path file) {
        try {
            String text = StandardCharsets.UTF_8
                    .decode(Entries.read(file, MAX_SHOWN_BYTES))
                    .toString()
                    .strip();
            return text.isEmpty() ? "" : ": " + text.replaceAll("\\p{Cntrl}", "?");
        } catch (IOException e) {
            return ""; // it only explains; that the migration is unfinished is known without it
        }
    }
}
