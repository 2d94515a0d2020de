// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.Snapshot;
import dev.mooring.SnapshotWriter;
import dev.mooring.TermAndVote;
import dev.mooring.spi.SnapshotPointer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Brings a new group into the state of another one, through the same calls as an engine's. */
final class GroupCopy {

    private static final long BATCH_BYTES = 1 << 20;
    private static final int BATCH_ENTRIES = 4_096;

    private GroupCopy() {}

    static void copy(RaftGroup from, RaftGroup to, Counter counter) throws IOException {
        to.saveEntries(from.termAndVote(), List.of());
        ByteBuffer attachment = from.attachment();
        if (attachment != null) {
            to.attach(attachment);
        }
        beginLog(from, to);
        copyEntries(from, to, counter);
        copySnapshot(from, to);
        to.commitIndex(from.commitIndex());
        to.sync();
    }

    /** Makes the next entry of the copy the first one of the source. */
    private static void beginLog(RaftGroup from, RaftGroup to) throws IOException {
        long first = from.firstIndex();
        SnapshotPointer newest = from.snapshot();
        boolean empty = from.lastIndex() < first;
        if (newest != null && !empty && first > 1 && newest.index() > first - 1) {
            // a log begins behind a snapshot; this one is replaced below by the one that really is the newest
            to.recordSnapshot(first - 1, from.term(first - 1));
        } else if (newest != null && newest.index() == first - 1) {
            copySnapshot(from, to);
        } else if (newest == null && empty) {
            // held entries once, and all were truncated: where such a log begins is settled
            to.saveEntries(null, List.of(LogEntry.of(first, 0, new byte[0])));
            to.truncateFrom(first);
            to.sync();
        }
    }

    private static void copyEntries(RaftGroup from, RaftGroup to, Counter counter) throws IOException {
        if (from.lastIndex() < from.firstIndex()) {
            return;
        }
        List<LogEntry> batch = new ArrayList<>();
        long[] bytes = new long[1];
        from.read(from.firstIndex(), from.lastIndex(), Long.MAX_VALUE, entry -> {
            batch.add(entry);
            bytes[0] += entry.payloadBytes();
            if (bytes[0] >= BATCH_BYTES || batch.size() == BATCH_ENTRIES) {
                to.append(List.copyOf(batch));
                counter.add(batch.size());
                batch.clear();
                bytes[0] = 0;
            }
            return true;
        });
        to.append(batch);
        counter.add(batch.size());
        to.sync();
    }

    private static void copySnapshot(RaftGroup from, RaftGroup to) throws IOException {
        SnapshotPointer newest = from.snapshot();
        SnapshotPointer copied = to.snapshot();
        if (newest == null || (copied != null && copied.index() == newest.index())) {
            return;
        }
        if (newest.external()) {
            to.recordSnapshot(newest.index(), newest.term());
            return;
        }
        try (Snapshot snapshot = from.openSnapshot();
                SnapshotWriter writer = to.newSnapshot()) {
            if (snapshot == null) {
                throw new IOException(
                        "Group '" + from.name() + "': the snapshot at " + newest.index() + " can not be opened");
            }
            for (String name : snapshot.files().keySet()) {
                try (InputStream in = snapshot.open(name);
                        OutputStream out = writer.newFile(name)) {
                    in.transferTo(out);
                }
            }
            ByteBuffer configuration = snapshot.configuration();
            if (configuration != null) {
                writer.configuration(configuration);
            }
            writer.commit(snapshot.index(), snapshot.term(), termFor(to, snapshot.term()));
        }
    }

    private static TermAndVote termFor(RaftGroup to, long term) {
        TermAndVote held = to.termAndVote();
        return held.currentTerm() >= term || term == RaftStorage.UNKNOWN_TERM ? held : new TermAndVote(term, null);
    }
}
