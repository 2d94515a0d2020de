// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.verify;

import dev.mooring.RaftGroup;
import dev.mooring.Snapshot;
import dev.mooring.TermAndVote;
import dev.mooring.cli.copy.Counter;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.spi.SnapshotPointer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads all of one group, and says in a line what it holds. */
final class GroupReading {

    private final RaftGroup group;
    private final Counter counter;
    private final List<String> parts = new ArrayList<>();

    private GroupReading(RaftGroup group, Counter counter) {
        this.group = group;
        this.counter = counter;
    }

    /** Every entry and every byte of the snapshots that storage keeps; what is damaged ends it with an exception. */
    static String read(RaftGroup group, Counter counter) throws IOException {
        GroupReading reading = new GroupReading(group, counter);
        reading.hardState();
        reading.entries();
        reading.snapshots();
        return String.join(", ", reading.parts);
    }

    private void hardState() {
        TermAndVote termAndVote = group.termAndVote();
        String vote = termAndVote.votedFor();
        parts.add("term " + termAndVote.currentTerm());
        parts.add(vote == null ? "no vote" : "vote '" + vote + "'");
        parts.add(group.commitIndex() < 0 ? "no commit index" : "commit index " + group.commitIndex());
        ByteBuffer attachment = group.attachment();
        if (attachment != null) {
            parts.add("attachment of " + Screen.size(attachment.remaining()));
        }
    }

    private void entries() throws IOException {
        long first = group.firstIndex();
        long last = group.lastIndex();
        if (last < first) {
            parts.add("no entries");
            return;
        }
        group.read(first, last, Long.MAX_VALUE, entry -> {
            counter.add(1);
            return true;
        });
        parts.add("entries " + first + ".." + last + " of terms " + group.term(first) + ".." + group.term(last));
    }

    private void snapshots() throws IOException {
        SnapshotPointer newest = group.snapshot();
        if (newest != null && newest.external()) {
            parts.add("snapshot at " + newest.index() + " kept by the engine and not read");
        }
        for (SnapshotPointer pointer : group.snapshots()) {
            try (Snapshot snapshot = group.openSnapshot(pointer)) {
                if (snapshot == null) {
                    throw new IOException(
                            "Group '" + group.name() + "': the snapshot at " + pointer.index() + " can not be opened");
                }
                parts.add("snapshot at " + pointer.index() + ", " + Screen.size(read(snapshot)));
            }
        }
    }

    private long read(Snapshot snapshot) throws IOException {
        counter.snapshot("reading", group.name(), snapshot);
        long bytes = 0;
        for (String name : snapshot.files().keySet()) {
            try (InputStream file = snapshot.open(name)) {
                bytes += file.transferTo(OutputStream.nullOutputStream());
            }
        }
        return bytes;
    }
}
