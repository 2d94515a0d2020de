// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.reference;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of frames. It begins with {@code magic:8 | version:4 | storage id:16 | CRC-32C:4}; a frame is {@code magic:4 |
 * length of body:4 | sequence:8 | CRC-32C over all before it and the body:4 | body}, big-endian. No frame is written before
 * the one before it is forced, so at most the last one can be torn.
 */
final class LogFile implements Closeable {

    static final int HEADER_BYTES = 8 + 4 + 16 + 4;
    static final int FRAME_BYTES = 4 + 4 + 8 + 4;
    private static final long MAGIC = 0x4D4F4F52494E4752L;
    private static final int FRAME_MAGIC = 0x46724D65;
    private static final int VERSION = 1;

    private final StableFile file;
    private final Bug bug;
    private final byte[] shared = new byte[4096];
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private @Nullable FileChannel channel;
    private long end;

    private LogFile(StableFile file, Bug bug) {
        this.file = file;
        this.bug = bug;
    }

    /** A frame that was read: the body, and where it begins in the file. */
    record Frame(long sequence, ByteBuffer body, long bodyPosition) {}

    static LogFile create(Path path, UUID storageId, Bug bug) throws IOException {
        LogFile created = new LogFile(
                StableFile.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                bug);
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putLong(MAGIC).putInt(VERSION);
        header.putLong(storageId.getMostSignificantBits()).putLong(storageId.getLeastSignificantBits());
        header.putInt(crc(header.duplicate().flip(), ByteBuffer.allocate(0))).flip();
        try {
            created.file.write(header, 0);
        } catch (IOException | RuntimeException e) {
            if (!bug.is(Bug.LEAVES_A_FILE_OPEN_WHEN_OPENING_FAILS)) {
                created.close();
            }
            throw e;
        }
        created.end = HEADER_BYTES;
        return created;
    }

    static LogFile open(Path path, UUID storageId, Bug bug) throws IOException {
        LogFile opened = new LogFile(StableFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE), bug);
        try {
            opened.checkHeader(storageId);
            return opened;
        } catch (IOException | RuntimeException e) {
            if (!bug.is(Bug.LEAVES_A_FILE_OPEN_WHEN_OPENING_FAILS)) {
                opened.close();
            }
            throw e;
        }
    }

    private void checkHeader(UUID storageId) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        if (file.read(header, 0) < HEADER_BYTES
                || header.getInt(HEADER_BYTES - 4)
                        != crc(header.duplicate().position(0).limit(HEADER_BYTES - 4), ByteBuffer.allocate(0))
                || header.getLong(0) != MAGIC) {
            throw StorageException.Corrupted.at(file.path(), 0, "the header can not be read");
        }
        if (header.getInt(8) != VERSION) {
            throw new StorageException.Refused(file.path() + " has format " + header.getInt(8)
                    + ", this version of the backend reads up to " + VERSION + ": use a newer one");
        }
        boolean isOurs = storageId.equals(new UUID(header.getLong(12), header.getLong(20)));
        if (!isOurs && !bug.is(Bug.OPENS_THE_FILES_OF_ANOTHER_STORAGE)) {
            throw new StorageException.Corrupted(file.path() + " belongs to another storage");
        }
        end = HEADER_BYTES;
    }

    /**
     * Appends one frame and forces it.
     *
     * @return where its body begins
     */
    long append(long sequence, byte[] body) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES + body.length);
        frame.putInt(FRAME_MAGIC).putInt(body.length).putLong(sequence);
        frame.putInt(crc(frame.duplicate().flip(), ByteBuffer.wrap(body)))
                .put(body)
                .flip();
        try {
            if (bug.is(Bug.A_SYNCED_WRITE_IS_TAKEN_TO_BE_WHOLE)) {
                writeSynced(frame);
            } else {
                write(frame);
                forceChange(sequence);
            }
        } catch (IOException e) {
            boolean full = String.valueOf(e.getMessage()).contains("space");
            if (!bug.is(Bug.SWALLOWS_A_FAILED_WRITE) && !(full && bug.is(Bug.SWALLOWS_A_FULL_DISK))) {
                throw e;
            }
        }
        long bodyPosition = end + FRAME_BYTES;
        end = bodyPosition + body.length;
        return bodyPosition;
    }

    private void writeSynced(ByteBuffer frame) throws IOException {
        try (FileChannel synced = FileChannel.open(file.path(), StandardOpenOption.WRITE, StandardOpenOption.DSYNC)) {
            for (long at = end; frame.hasRemaining(); ) {
                at += synced.write(frame, at);
            }
        }
    }

    private void forceChange(long sequence) throws IOException {
        boolean skipped = bug.is(Bug.FORCES_EVERY_SECOND_CHANGE) && sequence % 2 == 1;
        if (bug.is(Bug.NEVER_FORCES) || skipped) {
            return;
        }
        try {
            file.forceData();
        } catch (IOException e) {
            if (!bug.is(Bug.TRIES_A_FAILED_FORCE_AGAIN)) {
                throw e;
            }
            file.forceData();
        }
    }

    private void write(ByteBuffer frame) throws IOException {
        if (!bug.is(Bug.BUFFERS_ITS_WRITES)) {
            file.write(frame, end);
            return;
        }
        byte[] copy = new byte[frame.remaining()];
        frame.get(copy);
        pending.write(copy, 0, copy.length);
        if (pending.size() > 8192) {
            flush(end + frame.limit());
        }
    }

    /** For {@link Bug#BUFFERS_ITS_WRITES}. */
    private void flush(long newEnd) throws IOException {
        file.write(ByteBuffer.wrap(pending.toByteArray()), newEnd - pending.size());
        pending.reset();
    }

    /** The next whole frame; null at the end of the file, or where a frame is torn or damaged. */
    @Nullable
    Frame next() throws IOException {
        Frame frame = frameAt(end);
        if (frame != null) {
            end = frame.bodyPosition() + frame.body().capacity();
        }
        return frame;
    }

    /** Whether a whole frame lies behind the place where {@link #next} found none: then that was damage, not a torn tail. */
    boolean hasFrameBehind() throws IOException {
        int windowBytes = 1 << 16;
        for (long start = end; start < file.size(); start += windowBytes) {
            ByteBuffer window = ByteBuffer.allocate(windowBytes + 3);
            int count = file.read(window, start);
            for (int i = 0; i + 4 <= count && i < windowBytes; i++) {
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
        if (length > 0 && bug.is(Bug.LENGTHS_ARE_BELIEVED)) {
            ByteBuffer believed = ByteBuffer.allocate(length);
            believed.put(0, (byte) 1);
        }
        if (length < 0 || length > file.size() - position - FRAME_BYTES) {
            return null;
        }
        ByteBuffer body = ByteBuffer.allocate(length);
        file.readFully(body, position + FRAME_BYTES);
        body.flip();
        boolean whole = head.getInt(16) == crc(head.duplicate().position(0).limit(16), body.duplicate());
        return whole || bug.is(Bug.FRAMES_ARE_NOT_VERIFIED) || bug.is(Bug.A_SYNCED_WRITE_IS_TAKEN_TO_BE_WHOLE)
                ? new Frame(head.getLong(8), body, position + FRAME_BYTES)
                : null;
    }

    ByteBuffer payload(long position, int length) throws IOException {
        if (position + length > file.size()) {
            flush(end);
        }
        if (bug.is(Bug.READS_THROUGH_A_FILE_CHANNEL) || bug.is(Bug.A_READ_IS_TAKEN_TO_BE_WHOLE)) {
            return payloadThroughChannel(position, length);
        } else if (bug.is(Bug.SHARES_ITS_READ_BUFFER) && length <= shared.length) {
            ByteBuffer view = ByteBuffer.wrap(shared, 0, length);
            file.readFully(view, position);
            return view.flip();
        }
        ByteBuffer payload =
                ByteBuffer.allocate(bug.is(Bug.A_LENGTH_IS_READ_AGAIN_AND_BELIEVED) ? lengthBefore(position) : length);
        file.readFully(payload, position);
        return payload.flip();
    }

    private int lengthBefore(long position) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(4);
        file.readFully(length, position - 4);
        return length.getInt(0);
    }

    private ByteBuffer payloadThroughChannel(long position, int length) throws IOException {
        FileChannel opened = channel;
        if (opened == null) {
            opened = FileChannel.open(file.path(), StandardOpenOption.READ);
            channel = opened;
        }
        ByteBuffer payload = ByteBuffer.allocate(length);
        boolean goesOn = true;
        while (goesOn && payload.hasRemaining()) { // until it is full or the file ends
            goesOn = opened.read(payload, position + payload.position()) >= 0
                    && !bug.is(Bug.A_READ_IS_TAKEN_TO_BE_WHOLE);
        }
        return payload.flip();
    }

    /** For the bugs that keep a torn tail. */
    void skipToEnd() throws IOException {
        end = file.size();
    }

    boolean isAtEnd() throws IOException {
        return end == file.size();
    }

    long end() {
        return end;
    }

    Path path() {
        return file.path();
    }

    void force() throws IOException {
        if (!bug.is(Bug.NEVER_FORCES)) {
            file.force();
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel opened = channel;
        if (opened != null) {
            opened.close();
        }
        if (pending.size() > 0) {
            flush(end);
        }
        file.close();
    }

    private static int crc(ByteBuffer head, ByteBuffer body) {
        CRC32C crc = new CRC32C();
        crc.update(head);
        crc.update(body);
        return (int) crc.getValue();
    }
}
