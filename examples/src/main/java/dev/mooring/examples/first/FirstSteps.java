// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.first;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Saves an entry durably and reads the log back. The lines between the two marks are those of the README. */
public final class FirstSteps {

    private FirstSteps() {}

    /**
     * Runs on the storage that a properties file describes.
     *
     * @param args the file, such as {@code mooring.properties}
     */
    public static void main(String[] args) throws IOException {
        run(Path.of(args[0]));
    }

    static void run(Path properties) throws IOException {
        // README begins
        try (RaftStorage storage = RaftStorage.open(StorageConfig.load(properties))) { // the backend is named there
            RaftGroup group = storage.group("orders"); // one Raft group of many that share the disk
            long next = group.lastIndex() + 1;
            LogEntry entry = LogEntry.of(next, 1, "hello".getBytes(UTF_8)); // index, term, payload
            group.saveEntries(new TermAndVote(1, "n1"), List.of(entry)); // one atomic change, durable on return
            group.read(group.firstIndex(), group.lastIndex(), Long.MAX_VALUE, found -> {
                System.out.println(found.index() + " " + UTF_8.decode(found.payload()));
                return true; // go on
            });
        }
        // README ends
    }
}
