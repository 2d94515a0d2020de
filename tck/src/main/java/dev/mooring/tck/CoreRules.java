// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.SnapshotWriter;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What the checks of rules that the core keeps share: storages opened as an engine opens them. */
abstract class CoreRules extends Rules {

    private final List<RaftStorage> open = new ArrayList<>();

    CoreRules(StorageTck kit) {
        super(kit);
    }

    @AfterEach
    final void closeWhatIsOpen() throws IOException {
        for (RaftStorage storage : open) {
            storage.close();
        }
    }

    /** Opens the storage of this check; the same directory each time. */
    final RaftStorage open() throws IOException {
        return open(config());
    }

    final RaftStorage open(StorageConfig config) throws IOException {
        RaftStorage storage = RaftStorage.open(config);
        open.add(storage);
        return storage;
    }

    final StorageConfig config() throws IOException {
        return WholeStorage.config(plug(), storageDirectory());
    }

    final Path storageDirectory() {
        return directory().resolve("whole");
    }

    /** Closes and opens again; a volatile backend stays open. */
    final RaftStorage reopened(RaftStorage storage) throws IOException {
        if (plug().isVolatile()) {
            return storage;
        }
        storage.close();
        return open();
    }

    /** A call that breaks a rule: an {@link IllegalArgumentException}, nothing changed, and the storage goes on. */
    final void refused(RaftStorage storage, String call, Failures.Body body) throws IOException {
        Picture before = WholeStorage.picture(storage);
        String answer = "returned";
        try {
            body.run();
        } catch (IllegalArgumentException expected) {
            heard(expected);
            answer = "";
        } catch (Exception e) {
            answer = "threw " + e;
        }
        String given = answer;
        Check.that(given.isEmpty(), () -> call + " " + given + " instead of throwing an IllegalArgumentException");
        Picture.Difference difference = before.differenceTo(WholeStorage.picture(storage));
        Check.that(
                difference == null,
                () -> call + " was refused, but it changed something: "
                        + (difference == null ? "" : difference.text()));
    }

    static LogEntry entry(long index, long term) {
        return LogEntry.of(index, term, Payloads.bytes(31 * index + term, 40));
    }

    /** Entries of one term from first to last. */
    static List<LogEntry> entries(long first, long last, long term) {
        List<LogEntry> entries = new ArrayList<>();
        for (long index = first; index <= last; index++) {
            entries.add(entry(index, term));
        }
        return entries;
    }

    /** A group whose log is 1..count, all of one term, which is the current one. */
    static RaftGroup filled(RaftStorage storage, String name, int count, long term) throws IOException {
        RaftGroup group = storage.group(name);
        group.saveEntries(new TermAndVote(term, null), entries(1, count, term));
        return group;
    }

    static void snapshot(RaftGroup group, long index, long term, @Nullable TermAndVote termAndVote) throws IOException {
        try (SnapshotWriter writer = group.newSnapshot()) {
            try (OutputStream out = writer.newFile(SnapshotWriter.DEFAULT_FILE)) {
                out.write(WholeStorage.snapshotBytes(index));
            }
            writer.commit(index, term, termAndVote);
        }
    }

    static void logIs(RaftGroup group, long first, long last) throws IOException {
        Check.equal(first, group.firstIndex(), "firstIndex");
        Check.equal(last, group.lastIndex(), "lastIndex");
        long[] next = {first};
        if (first <= last) {
            group.read(first, last, Long.MAX_VALUE, entry -> {
                Check.equal(next[0]++, entry.index(), "the next index read");
                return true;
            });
        }
        Check.equal(last + 1, next[0], "the index at which a read of " + first + ".." + last + " ended");
    }
}
