// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** {@link Oddity#FORCES_MORE_THAN_IT_MUST}. */
final class ForcingMore extends Wrapper {

    private final Path directory;
    private final StableFile beside;
    private boolean closed;

    private ForcingMore(StorageBackend wrapped, Path directory, StableFile beside) {
        super(wrapped);
        this.directory = directory;
        this.beside = beside;
    }

    static StorageBackend open(BackendContext context, Opening opening) throws IOException {
        StableFile beside = StableFile.open(
                context.directory().resolve("latest"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            return new ForcingMore(opening.open(context), context.directory(), beside);
        } catch (IOException | RuntimeException e) {
            beside.close();
            throw e;
        }
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        super.saveEntries(sequence, updates);
        forceMore(sequence);
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        super.saveSnapshot(sequence, update, snapshot);
        forceMore(sequence);
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        super.drop(sequence, group);
        forceMore(sequence);
    }

    private void forceMore(long sequence) throws IOException {
        beside.write(ByteBuffer.allocate(Long.BYTES).putLong(0, sequence), 0);
        beside.force();
        StableFile.forceDirectory(directory);
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            beside.close();
        }
        super.close();
    }
}
