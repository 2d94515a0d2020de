// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.journal;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one change does to one group. It is written as {@code dropped:1 | group | truncateFrom:8 | hard state |
 * attachment | pointer | firstIndex:8 | number of entries:4 | (index:8 | term:8 | checksum:4 | payload)*},
 * big-endian, where anything without a length is {@code length:4 | bytes}, and -1 as a length or an index says that
 * there is none.
 *
 * @param snapshot replaces the pointer; null leaves alone what is stored
 * @param firstIndex releases what is below; of an empty log: where it begins
 * @param dropped whether the group is forgotten, instead of all else
 */
record Change(
        Update update,
        @Nullable SnapshotPointer snapshot,
        @Nullable Long firstIndex,
        boolean dropped) {

    private static final int NONE = -1;

    static Change of(Update update) {
        return new Change(update, null, null, false);
    }

    static Change of(Update update, SnapshotPointer snapshot) {
        return new Change(update, snapshot, null, false);
    }

    static Change releaseOf(String group, long index) {
        return new Change(new Update(group, null, List.of(), null, null), null, index + 1, false);
    }

    static Change dropOf(String group) {
        return new Change(new Update(group, null, List.of(), null, null), null, null, true);
    }

    /** All of a group but its entries. */
    static Change of(String group, GroupState state) {
        Update update = new Update(group, null, List.of(), state.hardState(), state.attachment());
        return new Change(update, state.snapshot(), state.firstIndex(), false);
    }

    static byte[] encode(List<Change> changes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (Change change : changes) {
            change.writeTo(out);
        }
        return bytes.toByteArray();
    }

    private void writeTo(DataOutputStream out) throws IOException {
        String group = update.group();
        HardState hardState = update.hardState();
        out.writeBoolean(dropped);
        write(out, StandardCharsets.UTF_8.encode(group));
        out.writeLong(update.truncateFrom() == null ? NONE : update.truncateFrom());
        write(out, hardState == null ? null : hardState.encode(group));
        write(out, update.attachment());
        write(out, snapshot == null ? null : snapshot.encode(group));
        out.writeLong(firstIndex == null ? NONE : firstIndex);
        out.writeInt(update.entries().size());
        for (Entry entry : update.entries()) {
            out.writeLong(entry.index());
            out.writeLong(entry.term());
            out.writeInt(entry.checksum());
            write(out, entry.payload());
        }
    }

    /** Reads one change. Payloads are views of the buffer, so that their position says where they lie in it. */
    static Change read(ByteBuffer in) throws StorageException {
        boolean dropped = in.get() != 0;
        String group = StandardCharsets.UTF_8.decode(bytes(in, in.getInt())).toString();
        Long truncateFrom = index(in);
        ByteBuffer hardState = optional(in);
        ByteBuffer attachment = optional(in);
        ByteBuffer pointer = optional(in);
        Long firstIndex = index(in);
        int count = in.getInt();
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new Entry(in.getLong(), in.getLong(), in.getInt(), bytes(in, in.getInt())));
        }
        Update update = new Update(
                group,
                truncateFrom,
                entries,
                hardState == null ? null : HardState.decode(group, hardState),
                attachment);
        SnapshotPointer snapshot = pointer == null ? null : SnapshotPointer.decode(group, pointer);
        return new Change(update, snapshot, firstIndex, dropped);
    }

    private static void write(DataOutputStream out, @Nullable ByteBuffer bytes) throws IOException {
        if (bytes == null) {
            out.writeInt(NONE);
            return;
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        out.writeInt(copy.length);
        out.write(copy);
    }

    private static @Nullable Long index(ByteBuffer in) {
        long index = in.getLong();
        return index == NONE ? null : Long.valueOf(index);
    }

    private static @Nullable ByteBuffer optional(ByteBuffer in) {
        int length = in.getInt();
        return length == NONE ? null : bytes(in, length);
    }

    private static ByteBuffer bytes(ByteBuffer in, int length) {
        ByteBuffer view = in.duplicate().limit(in.position() + length);
        in.position(view.limit());
        return view;
    }
}
