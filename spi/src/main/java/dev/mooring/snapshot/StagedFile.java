// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import static dev.mooring.snapshot.Blocks.BLOCK_BYTES;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of a snapshot while it is written, at any position. For use by one thread at a time.
 *
 * <p>It is at work (open, with a buffer) or at rest (forced and closed), and goes back to work when it is written again.
 */
final class StagedFile {

    // Bytes that follow on each other are gathered in a buffer that begins at a block, so that the checksums of whole
    // blocks are computed from memory when it is written out. A piece that begins inside a block goes to the disk at
    // once, up to the next block, and that block is read again at the end. So a sender of chunks in any order whose
    // bounds are those of blocks costs no reading at all, any other at most a block a seam.

    private static final long NOWHERE = Long.MIN_VALUE;

    private final Path path;
    private final String name;
    private final Buffers buffers;
    private final BlockChecksums checksums = new BlockChecksums();

    private @Nullable StableFile file;
    private @Nullable ByteBuffer gathered;
    private long gatheredFrom = NOWHERE; // position of what is gathered, a multiple of the block
    private long bytes; // length, with what is gathered
    private boolean unforced;

    private StagedFile(Path path, String name, Buffers buffers, StableFile file) {
        this.path = path;
        this.name = name;
        this.buffers = buffers;
        this.file = file;
        this.unforced = true; // an empty file has an inode, too
    }

    static StagedFile create(Path directory, String name, Buffers buffers) throws IOException {
        Path path = directory.resolve(FileName.onDisk(name));
        StableFile file =
                StableFile.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new StagedFile(path, name, buffers, file);
    }

    String name() {
        return name;
    }

    /** Length so far. */
    long bytes() {
        return bytes;
    }

    BlockChecksums checksums() {
        return checksums;
    }

    void write(long position, ByteBuffer source) throws IOException {
        ByteBuffer buffer = buffer();
        long at = position;
        while (source.hasRemaining()) {
            if (at != gatheredFrom + buffer.position()) {
                writeOut();
                gatheredFrom = at % BLOCK_BYTES == 0 ? at : NOWHERE;
            }
            at += gatheredFrom == NOWHERE ? writeUpToBlock(at, source) : gather(buffer, source);
        }
    }

    /** Appends one byte where that is a matter of memory alone; otherwise returns false and does nothing. */
    boolean append(int value) {
        ByteBuffer buffer = gathered;
        if (buffer == null || bytes != gatheredFrom + buffer.position() || buffer.remaining() < 2) {
            return false;
        }
        buffer.put((byte) value);
        bytes++;
        return true;
    }

    private int gather(ByteBuffer buffer, ByteBuffer source) throws IOException {
        int count = Math.min(buffer.remaining(), source.remaining());
        grow(gatheredFrom + buffer.position() + count);
        buffer.put(source.slice(source.position(), count));
        source.position(source.position() + count);
        if (!buffer.hasRemaining()) {
            long next = gatheredFrom + buffer.position();
            writeOut();
            gatheredFrom = next;
        }
        return count;
    }

    private int writeUpToBlock(long position, ByteBuffer source) throws IOException {
        int count = (int) Math.min(source.remaining(), BLOCK_BYTES - position % BLOCK_BYTES);
        grow(position + count);
        checksums.forget(position / BLOCK_BYTES);
        unforced = true;
        working().write(source.slice(source.position(), count), position);
        source.position(source.position() + count);
        return count;
    }

    /** A last block that was shorter than a block may have been known; it no longer is if the file goes on elsewhere. */
    private void grow(long end) {
        if (end > bytes) {
            if (bytes % BLOCK_BYTES != 0 && (gatheredFrom == NOWHERE || bytes < gatheredFrom)) {
                checksums.forget(bytes / BLOCK_BYTES);
            }
            bytes = end;
        }
    }

    /** Writes what is gathered, with the checksums of the blocks that are whole or end the file. */
    private void writeOut() throws IOException {
        ByteBuffer buffer = gathered;
        if (buffer == null || buffer.position() == 0) {
            gatheredFrom = NOWHERE;
            return;
        }
        buffer.flip();
        for (int start = 0; start < buffer.limit(); start += BLOCK_BYTES) {
            int length = Math.min(BLOCK_BYTES, buffer.limit() - start);
            long block = (gatheredFrom + start) / BLOCK_BYTES;
            if (length == BLOCK_BYTES || gatheredFrom + start + length == bytes) {
                checksums.know(block, crc(buffer.slice(start, length)));
            } else {
                checksums.forget(block);
            }
        }
        unforced = true;
        working().write(buffer, gatheredFrom);
        buffer.clear();
        gatheredFrom = NOWHERE;
    }

    /** Writes out, forces and closes, and gives the buffer back. */
    void rest() throws IOException {
        writeOut();
        releaseBuffer();
        StableFile working = file;
        if (working == null) {
            return;
        }
        if (unforced) {
            working.force();
            unforced = false;
        }
        file = null;
        working.close();
    }

    /** Brings it to rest with the checksums of all blocks known. */
    void finish() throws IOException {
        writeOut();
        for (long block = checksums.nextUnknown(0); block >= 0; block = checksums.nextUnknown(block)) {
            long position = block * BLOCK_BYTES;
            ByteBuffer again = buffer().clear().limit((int) Math.min(BLOCK_BYTES, bytes - position));
            working().readFully(again, position);
            checksums.know(block, crc(again.flip()));
            again.clear();
        }
        rest();
    }

    /** Closes it as it is; it will be deleted. */
    void abandon() throws IOException {
        StableFile working = file;
        file = null;
        releaseBuffer();
        if (working != null) {
            working.close();
        }
    }

    private ByteBuffer buffer() {
        ByteBuffer buffer = gathered;
        if (buffer == null) {
            buffer = buffers.take();
            gathered = buffer;
            gatheredFrom = NOWHERE;
        }
        return buffer;
    }

    private void releaseBuffer() {
        if (gathered != null) {
            buffers.release(gathered);
            gathered = null;
            gatheredFrom = NOWHERE;
        }
    }

    private StableFile working() throws IOException {
        StableFile working = file;
        if (working == null) {
            working = StableFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            file = working;
        }
        return working;
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
