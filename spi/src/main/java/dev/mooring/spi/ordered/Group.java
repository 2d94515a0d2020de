// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi.ordered;

import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One group without its entries and attachment: {@code number:4 | name:1 + n | firstIndex:8 | lastIndex:8 | has an
 * attachment:1 | hard state:2 + n | snapshot pointer:1 + n | CRC-32C:4}, big-endian, lengths first. One record, so that no
 * part of it can be missing.
 *
 * @param hasAttachment whether one was ever saved
 */
record Group(
        int number,
        String name,
        long firstIndex,
        long lastIndex,
        HardState hardState,
        @Nullable SnapshotPointer snapshot,
        boolean hasAttachment) {

    static Group created(int number, String name) {
        return new Group(number, name, 0, -1, HardState.INITIAL, null, false);
    }

    boolean isEmpty() {
        return lastIndex < firstIndex;
    }

    Group withBounds(long newFirstIndex, long newLastIndex) {
        return new Group(number, name, newFirstIndex, newLastIndex, hardState, snapshot, hasAttachment);
    }

    Group withHardState(HardState newHardState) {
        return new Group(number, name, firstIndex, lastIndex, newHardState, snapshot, hasAttachment);
    }

    Group withSnapshot(SnapshotPointer newSnapshot) {
        return new Group(number, name, firstIndex, lastIndex, hardState, newSnapshot, hasAttachment);
    }

    Group withAttachment() {
        return new Group(number, name, firstIndex, lastIndex, hardState, snapshot, true);
    }

    ByteBuffer encode() {
        byte[] nameBytes = name.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer state = hardState.encode(name);
        ByteBuffer pointer = snapshot == null ? ByteBuffer.allocate(0) : snapshot.encode(name);
        ByteBuffer record = ByteBuffer.allocate(
                4 + 1 + nameBytes.length + 8 + 8 + 1 + 2 + state.remaining() + 1 + pointer.remaining() + 4);
        record.putInt(number).put((byte) nameBytes.length).put(nameBytes);
        record.putLong(firstIndex).putLong(lastIndex).put((byte) (hasAttachment ? 1 : 0));
        record.putShort((short) state.remaining()).put(state);
        record.put((byte) pointer.remaining()).put(pointer);
        return Sealed.seal(number, record);
    }

    static Group decode(ByteBuffer sealed) throws StorageException {
        int number = sealed.remaining() < 4 ? -1 : sealed.getInt(sealed.position());
        ByteBuffer record =
                Sealed.open(number, sealed, "group number " + number).position(4);
        byte[] nameBytes = new byte[record.get()];
        record.get(nameBytes);
        String name = new String(nameBytes, StandardCharsets.US_ASCII);
        long firstIndex = record.getLong();
        long lastIndex = record.getLong();
        boolean hasAttachment = record.get() == 1;
        HardState hardState = HardState.decode(name, part(record, record.getShort()));
        byte pointerBytes = record.get();
        SnapshotPointer snapshot = pointerBytes == 0 ? null : SnapshotPointer.decode(name, part(record, pointerBytes));
        return new Group(number, name, firstIndex, lastIndex, hardState, snapshot, hasAttachment);
    }

    private static ByteBuffer part(ByteBuffer record, int length) {
        ByteBuffer part = record.slice(record.position(), length);
        record.position(record.position() + length);
        return part;
    }
}
