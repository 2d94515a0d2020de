// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes the {@linkplain Manifest manifest} of a staged snapshot, from its start to its end, and forces it. */
final class ManifestWriter {

    private final UUID storageId;
    private final String group;
    private final Buffers buffers;

    ManifestWriter(UUID storageId, String group, Buffers buffers) {
        this.storageId = storageId;
        this.group = group;
        this.buffers = buffers;
    }

    /**
     * Writes it into the staging directory.
     *
     * @param files finished, in ascending order of names
     */
    void write(Path directory, SnapshotPointer pointer, @Nullable ByteBuffer configuration, List<StagedFile> files)
            throws IOException {
        List<ListedFile> listed = new ArrayList<>(files.size());
        for (StagedFile file : files) {
            listed.add(new ListedFile(file.name(), file.bytes()));
        }
        ByteBuffer head = ManifestHead.encode(storageId, group, pointer, configuration, listed);
        int headChecksum = ManifestHead.checksum(head);
        long headBytes = head.remaining();
        try (StableFile manifest = StableFile.open(
                directory.resolve(Manifest.NAME), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            manifest.write(head, 0);
            pages(manifest, headBytes, headChecksum, files);
            manifest.force();
        }
    }

    private void pages(StableFile manifest, long headBytes, int headChecksum, List<StagedFile> files)
            throws IOException {
        long position = headBytes;
        ByteBuffer buffer = buffers.take();
        for (int number = 0; number < files.size(); number++) {
            StagedFile file = files.get(number);
            for (long page = 0; page < Blocks.pages(file.bytes()); page++) {
                int checksums = Blocks.checksumsInPage(file.bytes(), page);
                if (buffer.remaining() < 4 * (checksums + 1)) {
                    position = flush(manifest, position, buffer);
                }
                int start = buffer.position();
                file.checksums().copyPage(page, checksums, buffer);
                buffer.putInt(Manifest.pageChecksum(
                        headChecksum, number, page, buffer.slice(start, buffer.position() - start)));
            }
        }
        flush(manifest, position, buffer);
        buffers.release(buffer);
    }

    private static long flush(StableFile manifest, long position, ByteBuffer buffer) throws IOException {
        int length = buffer.flip().remaining();
        manifest.write(buffer, position);
        buffer.clear();
        return position + length;
    }
}
