// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.Snapshot;
import dev.mooring.cli.copy.Counter;
import dev.mooring.cli.copy.Retained;
import dev.mooring.cli.terminal.UserError;
import dev.mooring.spi.SnapshotPointer;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compares a written group with its source: state, every entry, every byte of all snapshots. */
final class GroupComparison {

    private static final long CHUNK_BYTES = 1 << 20;
    private static final int BLOCK_BYTES = 64 << 10;

    private GroupComparison() {}

    static void compare(RaftGroup source, RaftGroup copy, Counter counter) throws IOException {
        String group = source.name();
        same(group, "term and vote", source.termAndVote(), copy.termAndVote());
        same(group, "commit index", source.commitIndex(), copy.commitIndex());
        same(group, "attachment", source.attachment(), copy.attachment());
        same(group, "first index", source.firstIndex(), copy.firstIndex());
        same(group, "last index", source.lastIndex(), copy.lastIndex());
        same(group, "snapshot", place(source.snapshot()), place(copy.snapshot()));
        long next = source.firstIndex();
        while (next <= source.lastIndex()) {
            List<LogEntry> wanted = chunk(source, next);
            List<LogEntry> found = new ArrayList<>();
            copy.read(next, next + wanted.size() - 1, Long.MAX_VALUE, found::add);
            for (int i = 0; i < wanted.size(); i++) {
                same(group, "entry " + (next + i), wanted.get(i), i < found.size() ? found.get(i) : null);
            }
            next += wanted.size();
            counter.add(wanted.size());
        }
        compareSnapshots(source, copy, counter);
    }

    private static List<LogEntry> chunk(RaftGroup group, long first) throws IOException {
        List<LogEntry> entries = new ArrayList<>();
        group.read(first, group.lastIndex(), CHUNK_BYTES, entries::add);
        return entries;
    }

    private static void compareSnapshots(RaftGroup source, RaftGroup copy, Counter counter) throws IOException {
        List<SnapshotPointer> wanted = Retained.oldestFirst(source);
        List<SnapshotPointer> found = Retained.oldestFirst(copy);
        same(source.name(), "snapshots", places(wanted), places(found));
        for (int i = 0; i < wanted.size(); i++) {
            try (Snapshot left = source.openSnapshot(wanted.get(i));
                    Snapshot right = copy.openSnapshot(found.get(i))) {
                compareSnapshot(source.name(), Objects.requireNonNull(left), Objects.requireNonNull(right), counter);
            }
        }
    }

    private static void compareSnapshot(String group, Snapshot wanted, Snapshot found, Counter counter)
            throws IOException {
        counter.snapshot("verifying", group, wanted);
        String what = "the snapshot at " + wanted.index();
        same(group, "configuration of " + what, wanted.configuration(), found.configuration());
        same(group, "files of " + what, wanted.files(), found.files());
        for (String name : wanted.files().keySet()) {
            try (InputStream left = wanted.open(name);
                    InputStream right = found.open(name)) {
                compareStreams(group, "'" + name + "' of " + what, left, right);
            }
        }
    }

    private static void compareStreams(String group, String file, InputStream left, InputStream right)
            throws IOException {
        while (true) {
            byte[] wanted = left.readNBytes(BLOCK_BYTES);
            byte[] found = right.readNBytes(BLOCK_BYTES);
            same(group, "sameness of file " + file, true, Arrays.equals(wanted, found));
            if (wanted.length == 0) {
                return;
            }
        }
    }

    /** The identity of a snapshot is storage's own affair; what it covers is not. */
    private static @Nullable String place(@Nullable SnapshotPointer pointer) {
        return pointer == null
                ? null
                : "index " + pointer.index() + ", term " + pointer.term()
                        + (pointer.external() ? ", the engine's" : "");
    }

    private static List<@Nullable String> places(List<SnapshotPointer> pointers) {
        List<@Nullable String> places = new ArrayList<>();
        pointers.forEach(pointer -> places.add(place(pointer)));
        return places;
    }

    private static void same(String group, String what, @Nullable Object wanted, @Nullable Object found) {
        if (!Objects.equals(wanted, found)) {
            throw new UserError("Group '" + group + "': " + what + " is " + found + " in the copy, but " + wanted
                    + " in the source. Please report this");
        }
    }
}
