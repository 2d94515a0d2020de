// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.journal;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file: {@code magic:8 | version:4 | storage id:16 | sequence:8 | end of the base:8 | CRC-32C:4}, then frames. A
 * frame is {@code magic:4 | length of the body:4 | sequence:8 | CRC-32C over its position in the file, what stands
 * before, and the body:4 | body}, big-endian.
 */
final class JournalFile implements Closeable {

    /*
     * The base is what lived when the file was made. It is whole before the file gets its name, so a bad frame in it
     * is damage. Each frame after it is forced before the next one is written, so only the last one can be torn: a
     * bad frame with a whole one behind it is damage, too. A frame's position is part of its checksum, so that one in
     * a wrong place, such as within a payload, counts for nothing.
     */
    private static final long MAGIC = 0x4A4F55524E414C31L;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 8 + 4 + 16 + 8 + 8 + 4;
    private static final int FRAME_MAGIC = 0x46724D65;
    private static final int FRAME_BYTES = 4 + 4 + 8 + 4;
    private static final int WINDOW_BYTES = 1 << 16;

    private final StableFile file;
    private long sequence; // of the last frame that was written or read
    private long baseEnd;
    private long end = HEADER_BYTES; // of the last frame that was written or read

    private JournalFile(StableFile file) {
        this.file = file;
    }

    /** A frame that was read: its body, and where that begins in the file. */
    record Frame(long sequence, ByteBuffer body, long bodyPosition) {}

    /** A new file, whose base is written next. It can be opened once {@link #endBase} has returned. */
    static JournalFile create(Path path, long sequence) throws IOException {
        JournalFile created = new JournalFile(StableFile.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
        created.sequence = sequence;
        return created;
    }

    void endBase(UUID storageId) throws IOException {
        baseEnd = end;
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).putLong(MAGIC).putInt(VERSION);
        header.putLong(storageId.getMostSignificantBits()).putLong(storageId.getLeastSignificantBits());
        header.putLong(sequence).putLong(baseEnd);
        header.putInt(crc(0, header.duplicate().flip(), ByteBuffer.allocate(0)));
        file.write(header.flip(), 0);
        file.force();
    }

    static JournalFile open(Path path, UUID storageId) throws IOException {
        JournalFile opened = new JournalFile(StableFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
        try {
            opened.readHeader(storageId);
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private void readHeader(UUID storageId) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        int count = file.read(header, 0);
        ByteBuffer covered = header.flip().duplicate().limit(HEADER_BYTES - 4);
        if (count < HEADER_BYTES
                || header.getLong() != MAGIC
                || header.getInt(HEADER_BYTES - 4) != crc(0, covered, ByteBuffer.allocate(0))) {
            throw damage(0, "the header can not be read");
        }
        int version = header.getInt();
        if (version != VERSION) {
            throw new StorageException.Refused(file.path() + " has format " + version + ", this version of the backend"
                    + " reads up to " + VERSION + ": use a newer one");
        }
        if (!storageId.equals(new UUID(header.getLong(), header.getLong()))) {
            throw damage(0, "it belongs to another storage");
        }
        sequence = header.getLong();
        baseEnd = header.getLong();
    }

    /** The next whole frame; null at the end of the file, or at one that is torn or damaged. */
    @Nullable
    Frame next() throws IOException {
        Frame frame = frameAt(end);
        if (frame != null) {
            sequence = frame.sequence();
            end = frame.bodyPosition() + frame.body().remaining();
        } else if (end < baseEnd) {
            throw damage(end, "what lived when the file was made can not be read");
        }
        return frame;
    }

    /** Whether {@link #next} came to a place that is not the end of the file. */
    boolean endsInABadFrame() throws IOException {
        return end < file.size();
    }

    /** Whether a whole frame lies behind the bad one, which was forced before it was written. */
    boolean hasFrameBehind() throws IOException {
        for (long start = end; start < file.size(); start += WINDOW_BYTES) {
            ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES + 3);
            int count = file.read(window, start);
            for (int i = 0; i + 4 <= count && i < WINDOW_BYTES; i++) {
                if (window.getInt(i) == FRAME_MAGIC && frameAt(start + i) != null) {
                    return true;
                }
            }
        }
        return false;
    }

    private @Nullable Frame frameAt(long position) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(FRAME_BYTES);
        if (file.read(head, position) < FRAME_BYTES || head.getInt(0) != FRAME_MAGIC) {
            return null;
        }
        int length = head.getInt(4);
        if (length < 0 || length > file.size() - position - FRAME_BYTES) { // before anything is allocated for it
            return null;
        }
        ByteBuffer body = ByteBuffer.allocate(length);
        file.readFully(body, position + FRAME_BYTES);
        ByteBuffer covered = head.flip().duplicate().limit(FRAME_BYTES - 4);
        return head.getInt(FRAME_BYTES - 4) == crc(position, covered, body.flip())
                ? new Frame(head.getLong(8), body, position + FRAME_BYTES)
                : null;
    }

    /**
     * Writes a frame behind the last one. It is durable only after {@link #force}.
     *
     * @return where its body begins
     */
    long append(long newSequence, byte[] body) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES + body.length);
        frame.putInt(FRAME_MAGIC).putInt(body.length).putLong(newSequence);
        frame.putInt(crc(end, frame.duplicate().flip(), ByteBuffer.wrap(body)));
        file.write(frame.put(body).flip(), end);
        long bodyPosition = end + FRAME_BYTES;
        sequence = newSequence;
        end = bodyPosition + body.length;
        return bodyPosition;
    }

    void force() throws IOException {
        file.forceData();
    }

    ByteBuffer payload(long position, int length) throws IOException {
        ByteBuffer payload = ByteBuffer.allocate(length);
        if (file.read(payload, position) < length) {
            throw damage(position, "the file ends within an entry");
        }
        return payload.flip();
    }

    StorageException.Corrupted damage(long offset, String description) {
        return StorageException.Corrupted.at(
                file.path(),
                offset,
                description
                        + ". Rebuild this server from its peers; only where no majority is whole, put back a backup");
    }

    Path path() {
        return file.path();
    }

    long sequence() {
        return sequence;
    }

    long baseEnd() {
        return baseEnd;
    }

    long end() {
        return end;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static int crc(long position, ByteBuffer head, ByteBuffer body) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(8).putLong(0, position));
        crc.update(head);
        crc.update(body.duplicate());
        return (int) crc.getValue();
    }
}
