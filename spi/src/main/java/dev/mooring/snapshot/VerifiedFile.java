// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import static dev.mooring.snapshot.Blocks.BLOCK_BYTES;

import dev.mooring.spi.StableFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * One file of a published snapshot, open for reading. Nothing leaves it before the whole block has been compared with its
 * checksum. For use by one thread at a time; {@link #abandon} by any.
 */
final class VerifiedFile implements Closeable {

    private static final long NO_PAGE = -1;

    private final StableFile file;
    private final int number;
    private final ListedFile listed;
    private final Manifest manifest;
    private final Damage damage;
    private final Buffers buffers;
    private final ByteBuffer buffer; // from 0 to limit: verified bytes, from bufferFrom on

    private long bufferFrom;
    private ByteBuffer page = ByteBuffer.allocate(0);
    private long pageNumber = NO_PAGE;

    private VerifiedFile(StableFile file, int number, Manifest manifest, Damage damage, Buffers buffers) {
        this.file = file;
        this.number = number;
        this.listed = manifest.files().get(number);
        this.manifest = manifest;
        this.damage = damage;
        this.buffers = buffers;
        this.buffer = buffers.take().limit(0);
    }

    /** Takes over the file, which is closed if this throws. */
    static VerifiedFile of(StableFile file, int number, Manifest manifest, Damage damage, Buffers buffers)
            throws IOException {
        try {
            long expected = manifest.files().get(number).bytes();
            long size = file.size();
            if (size != expected) {
                throw damage.wrongSize(file.path(), expected, size);
            }
            return new VerifiedFile(file, number, manifest, damage, buffers);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    String name() {
        return listed.name();
    }

    /** Length in bytes. */
    long bytes() {
        return listed.bytes();
    }

    /**
     * Reads from {@code position} on until the target is full or the file ends.
     *
     * @param aheadBytes how much more of the file is wanted soon
     * @return number of bytes, -1 at or behind the end of the file
     */
    int read(long position, ByteBuffer target, int aheadBytes) throws IOException {
        if (position >= listed.bytes()) {
            return -1;
        }
        long at = position;
        while (target.hasRemaining() && at < listed.bytes()) {
            if (at < bufferFrom || at >= bufferFrom + buffer.limit()) {
                load(at, (long) target.remaining() + aheadBytes);
            }
            int from = (int) (at - bufferFrom);
            int count = Math.min(target.remaining(), buffer.limit() - from);
            target.put(buffer.slice(from, count));
            at += count;
        }
        return (int) (at - position);
    }

    /** Reads the whole file. */
    void verify() throws IOException {
        for (long at = 0; at < listed.bytes(); at = bufferFrom + buffer.limit()) {
            load(at, buffer.capacity());
        }
    }

    /** Fills the buffer with verified blocks, from the one that holds the position to as many as are wanted. */
    private void load(long position, long wantedBytes) throws IOException {
        long from = position - position % BLOCK_BYTES;
        long end = Math.min(position + wantedBytes, listed.bytes());
        long wholeBlocks = Blocks.count(end - from) * BLOCK_BYTES;
        int length = (int) Math.min(Math.min(wholeBlocks, listed.bytes() - from), buffer.capacity());
        buffer.clear().limit(length);
        try {
            int count = read(from);
            if (count < length) {
                throw damage.wrongSize(file.path(), listed.bytes(), from + count);
            }
            for (int start = 0; start < length; start += BLOCK_BYTES) {
                check(from + start, buffer.slice(start, Math.min(BLOCK_BYTES, length - start)));
            }
        } catch (IOException | RuntimeException | Error e) {
            buffer.clear().limit(0); // nothing that was not verified stays
            throw e;
        }
        buffer.position(0);
        bufferFrom = from;
    }

    private int read(long from) throws IOException {
        try {
            return file.read(buffer, from);
        } catch (ClosedChannelException e) {
            throw new IOException(file.path() + " was closed while it was read", e);
        } catch (IOException e) {
            // a sector that can not be read is as lost as one that reads wrong
            throw damage.unreadable(file.path(), from, e);
        }
    }

    private void check(long position, ByteBuffer block) throws IOException {
        long blockNumber = position / BLOCK_BYTES;
        long wantedPage = blockNumber / Blocks.BLOCKS_PER_PAGE;
        if (wantedPage != pageNumber) {
            page = manifest.page(number, wantedPage);
            pageNumber = wantedPage;
        }
        int length = block.remaining();
        int stored = page.getInt(4 * (int) (blockNumber % Blocks.BLOCKS_PER_PAGE));
        CRC32C crc = new CRC32C();
        crc.update(block);
        int computed = (int) crc.getValue();
        if (stored != computed) {
            throw damage.at(
                    file.path(),
                    position,
                    String.format(
                            Locale.ROOT,
                            "%d bytes do not match their checksum: stored %08x, computed %08x",
                            length,
                            stored,
                            computed));
        }
    }

    /** Closes the file under a reader that may still be at work; its buffer is left to it. */
    void abandon() throws IOException {
        file.close();
    }

    @Override
    public void close() throws IOException {
        buffers.release(buffer);
        file.close();
    }
}
