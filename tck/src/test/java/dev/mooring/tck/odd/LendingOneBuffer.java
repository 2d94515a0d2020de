// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.StorageBackend;
import java.io.IOException;
import java.nio.ByteBuffer;

/** {@link Oddity#LENDS_ONE_BUFFER}. */
final class LendingOneBuffer extends Wrapper {

    private static final int MARGIN_BYTES = 5;

    LendingOneBuffer(StorageBackend wrapped) {
        super(wrapped);
    }

    @Override
    public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
        ByteBuffer[] lent = {ByteBuffer.allocateDirect(1024)};
        super.read(group, first, last, entry -> {
            int length = entry.payloadBytes();
            if (lent[0].capacity() < length + 2 * MARGIN_BYTES) {
                lent[0] = ByteBuffer.allocateDirect(length + 2 * MARGIN_BYTES);
            }
            ByteBuffer payload = lent[0].slice(MARGIN_BYTES, length);
            payload.put(entry.payload()).flip();
            boolean goOn = visitor.visit(new Entry(entry.index(), entry.term(), entry.checksum(), payload));
            for (int i = 0; i < length; i++) {
                payload.put(i, (byte) 0x5A);
            }
            return goOn;
        });
    }
}
