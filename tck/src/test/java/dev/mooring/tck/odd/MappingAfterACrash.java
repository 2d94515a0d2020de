// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** {@link Oddity#MAPS_A_FILE_AFTER_A_CRASH}. Nothing is saved after one when the kit tries what a backend needs. */
final class MappingAfterACrash extends Wrapper {

    private final Path index;
    private boolean mapped;

    MappingAfterACrash(BackendContext context, Opening opening) throws IOException {
        super(opening.open(context));
        index = context.directory().resolve("index");
        mapped = context.endedCleanly();
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        super.saveEntries(sequence, updates);
        if (!mapped) {
            mapped = true;
            try (FileChannel channel = FileChannel.open(
                    index, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.map(MapMode.READ_WRITE, 0, Long.BYTES).putLong(0, sequence);
            }
        }
    }
}
