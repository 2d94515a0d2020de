// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.reference;

import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of one group, as it is written: {@code length of name:1 | name | flags:1 | truncateFrom:8? | entries:4 | (index:8
 * | term:8 | checksum:4 | length:4 | payload)* | (length:4 | hard state)? | (length:4 | attachment)? | (length:4 | pointer)? |
 * firstIndex:8?}, big-endian.
 *
 * @param drop forget the group first
 * @param firstIndex releases what is below; of an empty log: where it begins
 */
record Change(
        Update update,
        boolean drop,
        @Nullable SnapshotPointer snapshot,
        @Nullable Long firstIndex) {

    private static final int DROP = 1;
    private static final int TRUNCATE = 2;
    private static final int HARD_STATE = 4;
    private static final int ATTACHMENT = 8;
    private static final int SNAPSHOT = 16;
    private static final int FIRST_INDEX = 32;

    static Change of(Update update) {
        return new Change(update, false, null, null);
    }

    static Change dropOf(String group) {
        return new Change(new Update(group, null, List.of(), null, null), true, null, null);
    }

    static Change releaseOf(String group, long firstIndex) {
        return new Change(new Update(group, null, List.of(), null, null), false, null, firstIndex);
    }

    Change withoutHardState() {
        Update bare = new Update(update.group(), update.truncateFrom(), update.entries(), null, update.attachment());
        return new Change(bare, drop, snapshot, firstIndex);
    }

    /** With a vote that was written in one charset and is read in another. */
    Change withVoteIn(Charset charset) {
        HardState hardState = update.hardState();
        if (hardState == null || hardState.votedFor() == null) {
            return this;
        }
        String vote = new String(hardState.votedFor().getBytes(charset), StandardCharsets.UTF_8);
        HardState changed = new HardState(hardState.currentTerm(), vote, hardState.commitIndex());
        return new Change(
                new Update(update.group(), update.truncateFrom(), update.entries(), changed, update.attachment()),
                drop,
                snapshot,
                firstIndex);
    }

    boolean isTruncationAlone() {
        return update.truncateFrom() != null
                && update.entries().isEmpty()
                && update.hardState() == null
                && update.attachment() == null;
    }

    void writeTo(DataOutputStream out) throws IOException {
        String group = update.group();
        HardState hardState = update.hardState();
        ByteBuffer attachment = update.attachment();
        out.writeByte(group.length());
        out.write(group.getBytes(StandardCharsets.US_ASCII));
        out.writeByte((drop ? DROP : 0)
                | (update.truncateFrom() != null ? TRUNCATE : 0)
                | (hardState != null ? HARD_STATE : 0)
                | (attachment != null ? ATTACHMENT : 0)
                | (snapshot != null ? SNAPSHOT : 0)
                | (firstIndex != null ? FIRST_INDEX : 0));
        if (update.truncateFrom() != null) {
            out.writeLong(update.truncateFrom());
        }
        out.writeInt(update.entries().size());
        for (Entry entry : update.entries()) {
            out.writeLong(entry.index());
            out.writeLong(entry.term());
            out.writeInt(entry.checksum());
            write(out, entry.payload());
        }
        if (hardState != null) {
            write(out, hardState.encode(group));
        }
        if (attachment != null) {
            write(out, attachment);
        }
        if (snapshot != null) {
            write(out, snapshot.encode(group));
        }
        if (firstIndex != null) {
            out.writeLong(firstIndex);
        }
    }

    /** Reads one change; payloads are views of the buffer, so that their position says where they lie. */
    static Change read(ByteBuffer in) throws StorageException {
        byte[] name = new byte[in.get()];
        in.get(name);
        String group = new String(name, StandardCharsets.US_ASCII);
        int flags = in.get();
        Long truncateFrom = (flags & TRUNCATE) != 0 ? Long.valueOf(in.getLong()) : null;
        int count = in.getInt();
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new Entry(in.getLong(), in.getLong(), in.getInt(), view(in)));
        }
        HardState hardState = (flags & HARD_STATE) != 0 ? HardState.decode(group, view(in)) : null;
        ByteBuffer attachment = (flags & ATTACHMENT) != 0 ? view(in) : null;
        SnapshotPointer snapshot = (flags & SNAPSHOT) != 0 ? SnapshotPointer.decode(group, view(in)) : null;
        Long firstIndex = (flags & FIRST_INDEX) != 0 ? Long.valueOf(in.getLong()) : null;
        Update update = new Update(group, truncateFrom, entries, hardState, attachment);
        return new Change(update, (flags & DROP) != 0, snapshot, firstIndex);
    }

    static byte[] encode(List<Change> changes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (Change change : changes) {
            change.writeTo(out);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, ByteBuffer bytes) throws IOException {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        out.writeInt(copy.length);
        out.write(copy);
    }

    private static ByteBuffer view(ByteBuffer in) {
        int length = in.getInt();
        ByteBuffer view = in.duplicate().limit(in.position() + length);
        in.position(in.position() + length);
        return view;
    }
}
