// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The manifest of one published snapshot, open for reading: the {@linkplain ManifestHead head}, then for every file that
 * the head lists, in that order, the checksums of its blocks, and nothing else:
 *
 * <pre>
 *   page, one for every 4096 blocks of the file; the last is as short as it needs to be:
 *     CRC-32C:4 of each block   64 KiB each, the file's last as short as it is
 *     CRC-32C:4                 over the head's CRC-32C:4, number of the file:4, number of the page:4, both from 0,
 *                               and the checksums before it
 * </pre>
 *
 * An empty file has no page. Only the head is kept in memory; pages are read when blocks they cover are, so that a
 * snapshot of any size opens in the same memory. The CRC of a page binds it to its place and to this head.
 */
final class Manifest implements Closeable {

    /** No engine's file is called this, for theirs do not begin with a dot. */
    static final String NAME = ".manifest";

    private final StableFile file;
    private final ManifestHead head;
    private final Damage damage;
    private final long[] pageOffsets; // of the first page of each file

    private Manifest(StableFile file, ManifestHead head, Damage damage, long[] pageOffsets) {
        this.file = file;
        this.head = head;
        this.damage = damage;
        this.pageOffsets = pageOffsets;
    }

    /** Reads and checks the head; takes over the file, which is closed if this throws. */
    static Manifest read(StableFile file, UUID storageId, Damage damage) throws IOException {
        try {
            ByteBuffer bytes = headBytes(file, damage);
            int headBytes = bytes.remaining();
            ManifestHead head = ManifestHead.decode(bytes, file.path(), damage);
            checkOwner(file.path(), head, storageId, damage);
            return new Manifest(file, head, damage, layOut(file, headBytes, head, damage));
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static ByteBuffer headBytes(StableFile file, Damage damage) throws IOException {
        long size = file.size();
        if (size < ManifestHead.MIN_BYTES) {
            throw damage.at(file.path(), size, "the manifest ends in its head");
        }
        ByteBuffer start = ByteBuffer.allocate(ManifestHead.MIN_BYTES);
        read(file, start, 0, damage);
        ByteBuffer bytes = ByteBuffer.allocate(ManifestHead.length(start, size, file.path(), damage));
        read(file, bytes, 0, damage);
        return bytes.flip();
    }

    private static void checkOwner(Path path, ManifestHead head, UUID storageId, Damage damage)
            throws StorageException {
        if (!head.storageId().equals(storageId)) {
            throw damage.at(path, 24, "this is a snapshot of storage " + head.storageId() + ", not of " + storageId);
        }
        SnapshotPointer found = head.pointer();
        if (!head.group().equals(damage.group()) || !found.equals(damage.pointer())) {
            throw damage.at(
                    path,
                    40,
                    "this is snapshot " + DirectoryNames.published(found) + " of group '" + head.group() + "'");
        }
    }

    private static long[] layOut(StableFile file, int headBytes, ManifestHead head, Damage damage) throws IOException {
        long size = file.size();
        long offset = headBytes;
        long[] offsets = new long[head.files().size()];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = offset;
            long bytes = head.files().get(i).bytes();
            offset += 4 * (Blocks.count(bytes) + Blocks.pages(bytes)); // at most 2^30 a file, so no overflow
        }
        if (offset != size) {
            throw damage.at(
                    file.path(), Math.min(offset, size), "the manifest has " + size + " bytes instead of " + offset);
        }
        return offsets;
    }

    ManifestHead head() {
        return head;
    }

    /** The checksums of one page, verified, four bytes each from 0 on. */
    ByteBuffer page(int fileNumber, long page) throws IOException {
        ListedFile listed = head.files().get(fileNumber);
        int checksumBytes = 4 * Blocks.checksumsInPage(listed.bytes(), page);
        long offset = pageOffsets[fileNumber] + page * 4 * (Blocks.BLOCKS_PER_PAGE + 1);
        ByteBuffer bytes = ByteBuffer.allocate(checksumBytes + 4);
        read(file, bytes, offset, damage);
        int stored = bytes.getInt(checksumBytes);
        bytes.flip().limit(checksumBytes);
        if (stored != pageChecksum(head.checksum(), fileNumber, page, bytes)) {
            throw damage.at(
                    file.path(),
                    offset,
                    "the checksums of '" + listed.name() + "' from "
                            + page * Blocks.BLOCKS_PER_PAGE * Blocks.BLOCK_BYTES
                            + " on do not match their own checksum");
        }
        return bytes;
    }

    private static void read(StableFile file, ByteBuffer target, long offset, Damage damage) throws IOException {
        try {
            file.readFully(target, offset);
        } catch (ClosedChannelException e) {
            throw new IOException(file.path() + " was closed while it was read", e);
        } catch (IOException e) {
            throw damage.unreadable(file.path(), offset, e);
        }
    }

    static int pageChecksum(int headChecksum, int fileNumber, long page, ByteBuffer checksums) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(12)
                .putInt(headChecksum)
                .putInt(fileNumber)
                .putInt((int) page)
                .flip());
        crc.update(checksums.duplicate());
        return (int) crc.getValue();
    }

    /** The files listed, in ascending order of names. */
    List<ListedFile> files() {
        return head.files();
    }

    /** The path of another file in the same directory. */
    Path sibling(String name) {
        return file.path().resolveSibling(name);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
