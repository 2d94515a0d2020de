// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a frame is a sequence of records, one for each group it speaks of, moved records first. Big-endian:
 *
 * <pre>
 * record   = kind:1 | length of name:2 | name in UTF-8 | flags:1 | what the flags announce, in this order
 * flags    1 truncateFrom:8           8 attachment: length:4 | bytes       32 bounds: firstIndex:8 | lastIndex:8
 *          2 restartAt:8             16 snapshot:   length:2 | bytes       64 entries
 *          4 hard state: length:2 | bytes
 * entries  = firstIndex:8 | count:4 | count x (term:8 | checksum:4 | length:4 | payload)
 * kind     1 updated, 2 moved (entries only), 3 dropped (no flags), 4 existing (hard state and bounds always)
 * </pre>
 *
 * <p>Hard states and snapshot pointers are encoded by the records of the SPI, with their own checksums.
 */
final class Records {

    static final int UPDATED = 1;
    static final int MOVED = 2;
    static final int DROPPED = 3;
    static final int EXISTING = 4;

    private static final int TRUNCATE_FROM = 1;
    private static final int RESTART_AT = 2;
    private static final int HARD_STATE = 4;
    private static final int ATTACHMENT = 8;
    private static final int SNAPSHOT = 16;
    private static final int BOUNDS = 32;
    private static final int ENTRIES = 64;
    private static final int ALL_FLAGS = 127;

    private Records() {}

    /** Puts all of a record but its entries. */
    static void put(FrameSink sink, Change change) throws IOException {
        if (change instanceof Change.Updated updated) {
            int flags = flag(TRUNCATE_FROM, updated.truncateFrom())
                    | flag(RESTART_AT, updated.restartAt())
                    | flag(HARD_STATE, updated.hardState())
                    | flag(ATTACHMENT, updated.attachment())
                    | flag(SNAPSHOT, updated.snapshot())
                    | flag(ENTRIES, updated.entries());
            putHead(sink, UPDATED, updated.group(), flags);
            if (updated.truncateFrom() != null) {
                sink.putLong(updated.truncateFrom());
            }
            if (updated.restartAt() != null) {
                sink.putLong(updated.restartAt());
            }
            putState(sink, updated.group(), updated.hardState(), updated.attachment(), updated.snapshot());
        } else if (change instanceof Change.Moved moved) {
            putHead(sink, MOVED, moved.group(), ENTRIES);
        } else if (change instanceof Change.Dropped dropped) {
            putHead(sink, DROPPED, dropped.group(), 0);
        } else if (change instanceof Change.Existing existing) {
            int flags =
                    HARD_STATE | BOUNDS | flag(ATTACHMENT, existing.attachment()) | flag(SNAPSHOT, existing.snapshot());
            putHead(sink, EXISTING, existing.group(), flags);
            putState(sink, existing.group(), existing.hardState(), existing.attachment(), existing.snapshot());
            sink.putLong(existing.firstIndex()).putLong(existing.lastIndex());
        }
    }

    static void putRunHead(FrameSink sink, EntryRun run) throws IOException {
        sink.putLong(run.firstIndex).putInt(run.payloadBytes.length);
    }

    private static int flag(int flag, @Nullable Object present) {
        return present == null ? 0 : flag;
    }

    private static void putHead(FrameSink sink, int kind, String group, int flags) throws IOException {
        byte[] name = group.getBytes(StandardCharsets.UTF_8);
        if (name.length > 0xffff) {
            throw new IllegalArgumentException("The name of a group has " + name.length + " bytes, more than 65535");
        }
        sink.put(kind).putShort(name.length).put(name).put(flags);
    }

    private static void putState(
            FrameSink sink,
            String group,
            @Nullable HardState hardState,
            @Nullable ByteBuffer attachment,
            @Nullable SnapshotPointer snapshot)
            throws IOException {
        if (hardState != null) {
            ByteBuffer bytes = hardState.encode(group);
            sink.putShort(bytes.remaining()).put(bytes);
        }
        if (attachment != null) {
            sink.putInt(attachment.remaining()).put(attachment);
        }
        if (snapshot != null) {
            ByteBuffer bytes = snapshot.encode(group);
            sink.putShort(bytes.remaining()).put(bytes);
        }
    }

    /**
     * Reads the records up to the input's limit.
     *
     * @throws MalformedException if they are none; no length is believed that is not covered by what is left
     */
    static List<Change> read(SegmentInput input) throws IOException {
        List<Change> changes = new ArrayList<>();
        while (input.left() > 0) {
            try {
                changes.add(readOne(input));
            } catch (StorageException.Corrupted | IllegalArgumentException e) {
                throw new MalformedException(String.valueOf(e.getMessage()));
            }
        }
        return changes;
    }

    private static Change readOne(SegmentInput input) throws IOException {
        int kind = input.get();
        String group = new String(input.get(input.getShort()), StandardCharsets.UTF_8);
        int flags = input.get();
        if (flags > ALL_FLAGS) {
            throw new MalformedException("a record of kind " + kind + " with flags " + flags);
        }
        Long truncateFrom = (flags & TRUNCATE_FROM) == 0 ? null : (Long) input.getFirstIndex();
        Long restartAt = (flags & RESTART_AT) == 0 ? null : (Long) input.getFirstIndex();
        HardState hardState = (flags & HARD_STATE) == 0
                ? null
                : HardState.decode(group, ByteBuffer.wrap(input.get(input.getShort())));
        ByteBuffer attachment = null;
        if ((flags & ATTACHMENT) != 0) {
            int length = input.getInt();
            if (length < 0 || length > Update.MAX_ATTACHMENT_BYTES) {
                throw new MalformedException("an attachment of " + length + " bytes");
            }
            attachment = ByteBuffer.wrap(input.get(length)).asReadOnlyBuffer();
        }
        SnapshotPointer snapshot = (flags & SNAPSHOT) == 0
                ? null
                : SnapshotPointer.decode(group, ByteBuffer.wrap(input.get(input.getShort())));
        long firstIndex = (flags & BOUNDS) == 0 ? 0 : input.getLong();
        long lastIndex = (flags & BOUNDS) == 0 ? -1 : input.getLong();
        if (firstIndex < 0 || lastIndex < firstIndex - 1 || lastIndex == Long.MAX_VALUE) {
            throw new MalformedException("a log from " + firstIndex + " to " + lastIndex);
        }
        EntryRun entries = (flags & ENTRIES) == 0 ? null : readRun(input);
        if (kind == UPDATED) {
            return new Change.Updated(group, truncateFrom, restartAt, hardState, attachment, snapshot, entries);
        }
        if (kind == MOVED && entries != null) {
            return new Change.Moved(group, entries);
        }
        if (kind == DROPPED) {
            return new Change.Dropped(group);
        }
        if (kind == EXISTING && hardState != null) {
            return new Change.Existing(group, hardState, attachment, snapshot, firstIndex, lastIndex);
        }
        throw new MalformedException("a record of kind " + kind + " with flags " + flags);
    }

    private static EntryRun readRun(SegmentInput input) throws IOException {
        long firstIndex = input.getIndex();
        int count = input.getInt();
        if (count < 1 || count > input.left() / EntryRun.ENTRY_BYTES || firstIndex > Long.MAX_VALUE - count) {
            throw new MalformedException(count + " entries from index " + firstIndex);
        }
        EntryRun run = new EntryRun(firstIndex, new int[count], input.position());
        for (int i = 0; i < count; i++) {
            input.skip(12);
            int payloadBytes = input.getInt();
            if (payloadBytes < 0) {
                throw new MalformedException("an entry of " + payloadBytes + " bytes");
            }
            input.skip(payloadBytes);
            run.payloadBytes[i] = payloadBytes;
        }
        return run;
    }
}
