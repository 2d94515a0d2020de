// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A log of numbered records in segments, right but for one bug of choice. A record is {@code length:4 | crc32c:4 | number:4
 * | filling}. A new segment is written under a temporary name and renamed.
 */
final class ToyLog implements AutoCloseable {

    enum Bug {
        NONE,
        /** Nothing is ever forced. */
        NO_FORCE,
        /** The directory is not forced after a new segment has got its name. */
        NO_DIRECTORY_FORCE,
        /** A record is believed without a look at its checksum. */
        NO_CHECKSUM,
        /** A segment gets its name before its header is forced. */
        RENAME_BEFORE_FORCE,
        /** A failed force is tried again, and its success believed. */
        RETRIED_FORCE,
        /** What recovery found is reported before it is durable. */
        NO_FORCE_IN_RECOVERY,
        /** A torn record at the end stays, and the next one is written behind it. */
        TORN_TAIL_KEPT
    }

    private static final int MAGIC = 0x546f794c;
    private static final int RECORDS_IN_SEGMENT = 8;

    private final Path directory;
    private final Bug bug;
    private final List<Integer> records = new ArrayList<>();
    private StableFile segment;
    private long end;
    private int inSegment;

    ToyLog(Path directory, Bug bug) throws IOException {
        this.directory = directory;
        this.bug = bug;
        List<Path> segments = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (file.toString().endsWith(".tmp")) {
                    Files.delete(file);
                } else {
                    segments.add(file);
                }
            }
        }
        Collections.sort(segments);
        for (Path file : segments) {
            read(file);
        }
        if (segments.isEmpty()) {
            roll();
        } else {
            segment = StableFile.open(segments.get(segments.size() - 1), WRITE);
            if (bug != Bug.TORN_TAIL_KEPT) {
                segment.truncate(end);
            } else {
                end = segment.size();
            }
            if (bug != Bug.NO_FORCE_IN_RECOVERY) {
                force();
            }
        }
        if (bug != Bug.NO_DIRECTORY_FORCE && bug != Bug.NO_FORCE_IN_RECOVERY) {
            StableFile.forceDirectory(directory);
        }
    }

    List<Integer> records() {
        return records;
    }

    void append() throws IOException {
        if (inSegment == RECORDS_IN_SEGMENT) {
            roll();
        }
        int number = records.size() + 1;
        ByteBuffer record = record(number);
        segment.write(record.duplicate(), end);
        force();
        end += record.remaining();
        inSegment++;
        records.add(number);
    }

    private void force() throws IOException {
        if (bug == Bug.NO_FORCE) {
            return;
        }
        try {
            segment.forceData();
        } catch (IOException e) {
            if (bug != Bug.RETRIED_FORCE) {
                throw e;
            }
            segment.forceData();
        }
    }

    private void roll() throws IOException {
        close();
        Path name = directory.resolve(String.format("%04d.log", records.size() + 1));
        Path temporary = directory.resolve(name.getFileName() + ".tmp");
        segment = StableFile.open(temporary, CREATE, TRUNCATE_EXISTING, WRITE);
        segment.write(ByteBuffer.allocate(4).putInt(0, MAGIC), 0);
        if (bug != Bug.RENAME_BEFORE_FORCE && bug != Bug.NO_FORCE) {
            segment.force();
        }
        Files.move(temporary, name, StandardCopyOption.ATOMIC_MOVE);
        if (bug != Bug.NO_DIRECTORY_FORCE) {
            StableFile.forceDirectory(directory);
        }
        end = 4;
        inSegment = 0;
    }

    private void read(Path file) throws IOException {
        ByteBuffer bytes;
        try (StableFile opened = StableFile.open(file, READ)) {
            bytes = ByteBuffer.allocate((int) opened.size());
            opened.read(bytes, 0);
        }
        bytes.flip();
        if (bytes.remaining() < 4 || bytes.getInt() != MAGIC) {
            throw new IOException(file + " does not begin with the magic number");
        }
        end = 4;
        inSegment = 0;
        while (bytes.remaining() >= 12) {
            int length = bytes.getInt(bytes.position());
            int crc = bytes.getInt(bytes.position() + 4);
            if (length < 12 || length > bytes.remaining()) {
                return;
            }
            if (bug != Bug.NO_CHECKSUM && crc != crc(bytes, length)) {
                return;
            }
            records.add(bytes.getInt(bytes.position() + 8));
            if (!bytes.slice(bytes.position(), length).equals(record(records.size()))) {
                throw new IOException(file + ": record " + records.size() + " is not what was written");
            }
            bytes.position(bytes.position() + length);
            end += length;
            inSegment++;
        }
    }

    private static int crc(ByteBuffer bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(bytes.position() + 8, length - 8));
        return (int) crc.getValue();
    }

    private static ByteBuffer record(int number) {
        Random random = new Random(number);
        byte[] filling = new byte[random.nextInt(3) == 0 ? 5000 : random.nextInt(900)];
        random.nextBytes(filling);
        ByteBuffer record = ByteBuffer.allocate(12 + filling.length);
        record.putInt(record.capacity()).putInt(0).putInt(number).put(filling).flip();
        return record.putInt(4, crc(record, record.capacity()));
    }

    @Override
    public void close() throws IOException {
        if (segment != null) {
            segment.close();
        }
    }
}
