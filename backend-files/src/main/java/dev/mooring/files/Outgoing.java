// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.Entry;
import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.util.List;

/** A record on its way into a frame: what it says, and where the bytes of its entries come from. */
sealed interface Outgoing {

    /** What the record says. Where its entries are is filled in while it is put into the sink. */
    Change change();

    void putInto(FrameSink sink) throws IOException;

    /** An update, with the engine's entries. */
    record Update(Change.Updated change, List<Entry> entries) implements Outgoing {
        @Override
        public void putInto(FrameSink sink) throws IOException {
            Records.put(sink, change);
            EntryRun run = change.entries();
            if (run != null) {
                Records.putRunHead(sink, run);
                run.offset = sink.position();
                for (Entry entry : entries) {
                    sink.putLong(entry.term()).putInt(entry.checksum()).putInt(entry.payloadBytes());
                    sink.put(entry.payload());
                }
            }
        }
    }

    /** Entries that are copied from other segments as they stand there. */
    record Move(Change.Moved change, List<Piece> pieces) implements Outgoing {

        /** Entries that stand side by side in a file. */
        record Piece(StableFile source, EntryRun run) {}

        @Override
        public void putInto(FrameSink sink) throws IOException {
            Records.put(sink, change);
            Records.putRunHead(sink, change.entries());
            change.entries().offset = sink.position();
            for (Piece piece : pieces) {
                new EntryCopy(change.group(), piece.source(), piece.run()).putInto(sink);
            }
        }
    }

    /** A record without entries. */
    record Plain(Change change) implements Outgoing {
        @Override
        public void putInto(FrameSink sink) throws IOException {
            Records.put(sink, change);
        }
    }
}
