// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.Entry;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Payloads;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives a backend buffers that are valid until the verb returns, and overwrites them then: a backend that keeps one sees
 * its contents change. Buffers on and off the heap, whole and in the middle of larger ones, take turns.
 */
final class Lending {

    private static final byte[] GARBAGE = Payloads.bytes(0xA5, 4096);

    private final List<ByteBuffer> lent = new ArrayList<>();
    private int turn;

    Update lend(Update update) {
        ByteBuffer attachment = update.attachment();
        List<Entry> entries = new ArrayList<>(update.entries().size());
        for (Entry entry : update.entries()) {
            entries.add(new Entry(entry.index(), entry.term(), entry.checksum(), lend(entry.payload())));
        }
        return new Update(
                update.group(),
                update.truncateFrom(),
                List.copyOf(entries),
                update.hardState(),
                attachment == null ? null : lend(attachment));
    }

    void takeBack() {
        for (ByteBuffer buffer : lent) {
            buffer.clear();
            while (buffer.hasRemaining()) {
                buffer.put(GARBAGE, 0, Math.min(GARBAGE.length, buffer.remaining()));
            }
        }
        lent.clear();
    }

    private ByteBuffer lend(ByteBuffer bytes) {
        int length = bytes.remaining();
        turn++;
        ByteBuffer whole = turn % 3 == 0 ? ByteBuffer.allocateDirect(length + 16) : ByteBuffer.allocate(length + 16);
        lent.add(whole);
        if (turn % 2 == 0) {
            // a view whose index 0 is not its position
            whole.position(7).put(bytes).flip().position(7);
            return whole.asReadOnlyBuffer();
        }
        whole.position(5);
        ByteBuffer slice = whole.slice(5, length);
        slice.put(bytes).flip();
        return slice.asReadOnlyBuffer();
    }
}
