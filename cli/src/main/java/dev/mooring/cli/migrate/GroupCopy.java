// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.Snapshot;
import dev.mooring.SnapshotWriter;
import dev.mooring.cli.copy.Counter;
import dev.mooring.cli.copy.Retained;
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

    private final RaftGroup from;
    private final RaftGroup to;
    private final Counter counter;

    private GroupCopy(RaftGroup from, RaftGroup to, Counter counter) {
        this.from = from;
        this.to = to;
        this.counter = counter;
    }

    static void copy(RaftGroup from, RaftGroup to, Counter counter) throws IOException {
        new GroupCopy(from, to, counter).run();
    }

    private void run() throws IOException {
        to.saveEntries(from.termAndVote(), List.of());
        ByteBuffer attachment = from.attachment();
        if (attachment != null) {
            to.attach(attachment);
        }
        beginLog();
        copyEntries();
        copySnapshots(from.firstIndex(), Long.MAX_VALUE);
        SnapshotPointer newest = from.snapshot();
        if (newest != null && newest.external()) {
            to.recordSnapshot(newest.index(), newest.term());
        }
        to.commitIndex(from.commitIndex());
        to.sync();
    }

    /** Makes the next entry of the copy the first one of the source. */
    private void beginLog() throws IOException {
        long first = from.firstIndex();
        SnapshotPointer newest = from.snapshot();
        copySnapshots(0, first - 1);
        if (newest == null && from.lastIndex() < first) {
            // held entries once, and all were truncated: where such a log begins is settled
            to.saveEntries(null, List.of(LogEntry.of(first, 0, new byte[0])));
            to.truncateFrom(first);
            to.sync();
        } else if (newest != null && newest.external() && newest.index() == first - 1) {
            to.recordSnapshot(newest.index(), newest.term());
        } else if (first > 1 && to.firstIndex() < first) {
            // a log begins behind a snapshot; the later ones that really are there replace this one
            to.recordSnapshot(first - 1, from.term(first - 1));
        }
    }

    private void copyEntries() throws IOException {
        if (from.lastIndex() < from.firstIndex()) {
            return;
        }
        List<LogEntry> batch = new ArrayList<>();
        long[] bytes = new long[1];
        from.read(from.firstIndex(), from.lastIndex(), Long.MAX_VALUE, entry -> {
            // a large entry goes alone: beside others it may be more than one save takes
            boolean isFull = bytes[0] + entry.payloadBytes() > BATCH_BYTES || batch.size() == BATCH_ENTRIES;
            if (isFull && !batch.isEmpty()) {
                append(batch);
                bytes[0] = 0;
            }
            batch.add(entry);
            bytes[0] += entry.payloadBytes();
            return true;
        });
        append(batch);
        to.sync();
    }

    private void append(List<LogEntry> batch) throws IOException {
        to.append(List.copyOf(batch));
        counter.add(batch.size());
        batch.clear();
    }

    /** Copies those that end at {@code firstIndex..lastIndex}, the oldest first: an older one never follows a newer. */
    private void copySnapshots(long firstIndex, long lastIndex) throws IOException {
        for (SnapshotPointer snapshot : Retained.oldestFirst(from)) {
            if (snapshot.index() >= firstIndex && snapshot.index() <= lastIndex) {
                copySnapshot(snapshot);
            }
        }
    }

    private void copySnapshot(SnapshotPointer pointer) throws IOException {
        try (Snapshot snapshot = from.openSnapshot(pointer);
                SnapshotWriter writer = to.newSnapshot()) {
            if (snapshot == null) {
                throw new IOException(
                        "Group '" + from.name() + "': the snapshot at " + pointer.index() + " can not be opened");
            }
            counter.snapshot("writing", from.name(), snapshot);
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
            writer.commit(snapshot.index(), snapshot.term());
        }
    }
}
