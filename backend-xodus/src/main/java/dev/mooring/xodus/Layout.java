// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.ordered.InUse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/** The files of one directory, looked at before Xodus does. */
final class Layout {

    /*
     * Xodus takes an empty directory for a new store, reads its settings from any exodus.properties it finds (durability
     * included), and takes a file length that differs from the configured one for damage. Hence the file XODUS, which says
     * that a store is here and with which file length it was created:
     *
     *   "MXOD":4 | format:1 | storage id:16 | file length:8 | CRC-32C:4, big-endian
     */
    private static final byte[] MAGIC = "MXOD".getBytes(StandardCharsets.US_ASCII);
    private static final byte FORMAT = 1;
    private static final int COVERED_BYTES = 4 + 1 + 16 + 8;
    private static final int BYTES = COVERED_BYTES + 4;
    private static final long GRAIN_BYTES = 1 << 16;
    private static final int COPY_BYTES = 1 << 20;

    final boolean isNew;
    final long fileBytes;
    final boolean endedCleanly; // and the cleaner had not begun since
    private final Path directory;

    private Layout(BackendContext context, boolean isNew, long fileBytes) throws IOException {
        this.directory = context.directory();
        this.endedCleanly = context.endedCleanly() && !InUse.isSet(directory);
        this.isNew = isNew;
        this.fileBytes = fileBytes;
    }

    static Layout of(BackendContext context) throws IOException {
        Path directory = context.directory();
        Path settings = directory.resolve("exodus.properties");
        if (StableFile.exists(settings)) {
            throw new StorageException.Refused(
                    settings + " would change how Xodus writes. Remove it, and set" + " mooring.xodus options instead");
        }
        Path ours = directory.resolve("XODUS");
        List<Path> logFiles = LogFiles.list(directory);
        if (!StableFile.exists(ours)) {
            if (!logFiles.isEmpty() || context.provenSequence() > 0) {
                throw StorageException.Corrupted.at(ours, 0, "the file is missing" + Faults.WHAT_TO_DO);
            }
            long wanted = context.options().number(XodusStorageProvider.FILE_BYTES);
            return new Layout(context, true, (wanted + GRAIN_BYTES - 1) / GRAIN_BYTES * GRAIN_BYTES);
        }
        long fileBytes = read(ours, context.storageId());
        if (logFiles.isEmpty()) {
            throw StorageException.Corrupted.at(
                    ours, 0, "all files of Xodus' log are missing beside it" + Faults.WHAT_TO_DO);
        }
        return new Layout(context, false, fileBytes);
    }

    private static long read(Path ours, UUID storageId) throws IOException {
        byte[] bytes = readSmall(ours);
        ByteBuffer sealed = ByteBuffer.wrap(bytes);
        if (sealed.mismatch(ByteBuffer.wrap(MAGIC)) == MAGIC.length && bytes[MAGIC.length] > FORMAT) {
            throw new StorageException.Refused(
                    ours + " is of format " + bytes[MAGIC.length] + ", and this version reads" + " format " + FORMAT
                            + ". Open it with the version that wrote it, or a later one");
        }
        if (sealed.getInt(COVERED_BYTES) != checksum(bytes)) {
            throw StorageException.Corrupted.at(ours, 0, "it does not match its checksum" + Faults.WHAT_TO_DO);
        }
        ByteBuffer record = sealed.position(MAGIC.length + 1);
        UUID found = new UUID(record.getLong(), record.getLong());
        if (!found.equals(storageId)) {
            throw StorageException.Corrupted.at(
                    ours, 0, "it belongs to the storage " + found + ", not to " + storageId + Faults.WHAT_TO_DO);
        }
        return record.getLong();
    }

    private static byte[] readSmall(Path ours) throws IOException {
        try (StableFile file = StableFile.open(ours, StandardOpenOption.READ)) {
            if (file.size() != BYTES) {
                throw StorageException.Corrupted.at(
                        ours, 0, "it has " + file.size() + " bytes, not " + BYTES + Faults.WHAT_TO_DO);
            }
            ByteBuffer bytes = ByteBuffer.allocate(BYTES);
            file.readFully(bytes, 0);
            return bytes.array();
        }
    }

    /** Says durably that a store is here; the last step of creating one. */
    void write(UUID storageId) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(BYTES)
                .put(MAGIC)
                .put(FORMAT)
                .putLong(storageId.getMostSignificantBits())
                .putLong(storageId.getLeastSignificantBits())
                .putLong(fileBytes);
        record.putInt(checksum(record.array()));
        StableFile.replace(directory.resolve("XODUS"), record.flip());
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, COVERED_BYTES);
        return (int) crc.getValue();
    }

    /**
     * Makes durable what the page cache shows, after an unclean end. Each file was forced before the next one was begun, so
     * only the last sync may have failed and what it covered look as if it had reached the disk: the last file is not only
     * forced but written again.
     */
    void makeDurable() throws IOException {
        StableFile.forceTree(directory);
        List<Path> logFiles = LogFiles.list(directory);
        rewrite(logFiles.get(logFiles.size() - 1));
    }

    private static void rewrite(Path path) throws IOException {
        try (StableFile file = StableFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate(COPY_BYTES);
            for (long position = 0; file.read(bytes.clear(), position) > 0; position += bytes.limit()) {
                file.write(bytes.flip(), position);
            }
            file.force();
        } catch (NoSuchFileException e) {
            throw new StorageException.Corrupted(path + " has vanished while it was opened" + Faults.WHAT_TO_DO, e);
        }
    }
}
