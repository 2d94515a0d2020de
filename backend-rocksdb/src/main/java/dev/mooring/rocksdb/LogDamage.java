// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first place in a file of records, RocksDB's write-ahead log or its manifest, that can not be read.
 *
 * @param file the file
 * @param offset where the record that can not be read begins
 * @param followed whether a later record is there: in the log every record is forced before the next is written, so the one
 *     that can not be read was acknowledged
 */
record LogDamage(Path file, long offset, boolean followed) {

    private static final int SECTOR_BYTES = 512;

    /** Looks through the whole write-ahead log, oldest file first; null if every record is whole. */
    static @Nullable LogDamage inLog(Path directory) throws IOException {
        Search search = new Search();
        for (Path file : logFiles(directory)) {
            search.read(file);
        }
        return search.damage();
    }

    /** The same for the manifest. */
    static @Nullable LogDamage inManifest(Path manifest) throws IOException {
        Search search = new Search();
        search.read(manifest);
        return search.damage();
    }

    /**
     * Whether the record lacks what it had in its first or in its second sector, and zeros stand there from where it begins or
     * to where it ends: what is left if the disk had not come to that sector of a last write. A sector that was zeroed later
     * would not begin or end with a record.
     */
    boolean lacksASector() throws IOException {
        long boundary = offset - offset % SECTOR_BYTES + SECTOR_BYTES;
        try (StableFile opened = StableFile.open(file, StandardOpenOption.READ)) {
            if (offset % SECTOR_BYTES != 0 && isZero(opened, offset, boundary)) {
                return true;
            }
            if (offset + Search.HEADER_BYTES > Math.min(boundary, opened.size())) {
                return false; // what there is of it does not say how long it was to be
            }
            ByteBuffer header = ByteBuffer.allocate(Search.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            opened.readFully(header, offset);
            long end = offset + Search.HEADER_BYTES + (header.getShort(4) & 0xffff);
            return end > boundary && end < boundary + SECTOR_BYTES && isZero(opened, boundary, end);
        }
    }

    private static boolean isZero(StableFile opened, long from, long to) throws IOException {
        if (opened.size() < to) {
            return false;
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
        opened.readFully(bytes, from);
        return bytes.flip().equals(ByteBuffer.allocate((int) (to - from)));
    }

    /** Cuts the record that can not be read off, durably. */
    void cutOff() throws IOException {
        try (StableFile opened = StableFile.open(file, StandardOpenOption.WRITE)) {
            opened.truncate(offset);
            opened.force();
        }
    }

    /** Oldest first. */
    static List<Path> logFiles(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        try (var files = Files.newDirectoryStream(directory, "*.log")) {
            for (Path file : files) {
                if (numberOf(file) >= 0) {
                    found.add(file);
                }
            }
        }
        found.sort((one, other) -> Long.compare(numberOf(one), numberOf(other)));
        return found;
    }

    private static long numberOf(Path file) {
        String name = file.getFileName().toString();
        if (!name.endsWith(".log")) {
            return -1;
        }
        try {
            return Long.parseLong(name.substring(0, name.length() - ".log".length()));
        } catch (NumberFormatException e) {
            return -1; // not RocksDB's
        }
    }

    /**
     * RocksDB's own reader passes over the rest of a block behind a bad record, up to 32 KiB of it, and so over whole
     * records; and it never comes back, in any mode of recovery, from a record whose type is one that only recycled files
     * have, such as a 1 in which one bit has become a 5 (version 11.8.1). This one reads to the end, and behind the first
     * bad record it tries every offset.
     *
     * <pre>
     *   file     blocks of 32 KiB, the last one perhaps shorter
     *   block    fragments; less than 7 bytes at its end are padding
     *   fragment masked CRC-32C of type and data:4 | length of the data:2 | type:1 | data   (little-endian)
     *   record   a full fragment, or a first one, any number of middle ones and a last one;
     *            in the write-ahead log its data begin with  number of its first change:8 | how many changes:4
     * </pre>
     *
     * <p>As described on RocksDB's page "Write Ahead Log File Format".
     */
    private static final class Search {

        private static final int BLOCK_BYTES = 32 << 10;
        private static final int HEADER_BYTES = 7;
        private static final int NUMBERS_BYTES = 8 + 4;

        private static final int FULL = 1;
        private static final int FIRST = 2;
        private static final int MIDDLE = 3;
        private static final int LAST = 4;
        private static final int COMPRESSION = 9;
        private static final int TIMESTAMP_SIZE = 10;
        private static final int PREDECESSOR = 130; // begins a file: how the one before it ends

        private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private final CRC32C checksum = new CRC32C();

        private @Nullable Path file;
        private long offset;
        private boolean followed;

        private long unfinished = -1; // offset of the record that is begun and not ended
        private long afterUnfinished;
        private long nextChange; // the one after the last whole record

        @Nullable
        LogDamage damage() {
            return file == null ? null : new LogDamage(file, offset, followed);
        }

        void read(Path log) throws IOException {
            try (StableFile opened = StableFile.open(log, StandardOpenOption.READ)) {
                long size = opened.size();
                for (long start = 0; start < size; start += BLOCK_BYTES) {
                    block.clear().limit((int) Math.min(BLOCK_BYTES, size - start));
                    opened.readFully(block, start);
                    block.flip();
                    readBlock(log, start);
                }
            }
            if (unfinished >= 0) {
                found(log, unfinished);
            }
        }

        private void readBlock(Path log, long start) {
            int at = 0;
            while (at < block.limit()) {
                int left = block.limit() - at;
                if (left < HEADER_BYTES && block.limit() == BLOCK_BYTES) {
                    return; // padding
                }
                if (!isFragment(at)) {
                    found(log, unfinished >= 0 ? unfinished : start + at);
                    at++;
                    continue;
                }
                int type = block.get(at + 6) & 0xff;
                if (file == null) {
                    follow(log, start + at, at, type);
                }
                if (file != null) {
                    followed |= isLaterRecord(log, start + at, at, type);
                }
                at += HEADER_BYTES + lengthAt(at);
            }
        }

        private boolean isFragment(int at) {
            if (block.limit() - at < HEADER_BYTES || lengthAt(at) > block.limit() - at - HEADER_BYTES) {
                return false;
            }
            int type = block.get(at + 6) & 0xff;
            boolean known = (type >= FULL && type <= LAST)
                    || type == COMPRESSION
                    || type == TIMESTAMP_SIZE
                    || type == PREDECESSOR;
            if (!known) {
                return false;
            }
            checksum.reset();
            checksum.update(block.array(), at + 6, 1 + lengthAt(at));
            int masked = Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8;
            return block.getInt(at) == masked;
        }

        private int lengthAt(int at) {
            return block.getShort(at + 4) & 0xffff;
        }

        /** One more fragment of an undamaged log; or the damage that it shows. */
        private void follow(Path log, long position, int at, int type) {
            boolean begins = type == FULL || type == FIRST;
            boolean goesOn = type == MIDDLE || type == LAST;
            if (begins && unfinished >= 0) {
                found(log, unfinished);
            } else if (goesOn && unfinished < 0) {
                found(log, position);
            } else if (begins) {
                afterUnfinished = lengthAt(at) >= NUMBERS_BYTES
                        ? block.getLong(at + HEADER_BYTES) + block.getInt(at + HEADER_BYTES + 8)
                        : nextChange;
                unfinished = position;
            }
            if (file == null && (type == FULL || type == LAST)) {
                nextChange = afterUnfinished;
                unfinished = -1;
            }
        }

        /** Whether this begins a record after the one that can not be read; its own other fragments do not. */
        private boolean isLaterRecord(Path log, long position, int at, int type) {
            if (type == PREDECESSOR) {
                return position == 0 && !log.equals(file);
            }
            if (type != FULL && type != FIRST) {
                return false;
            }
            // what lies inside a torn payload may look like a record, but hardly with a number still to come
            return !isWriteAheadLog(log)
                    || (lengthAt(at) >= NUMBERS_BYTES && block.getLong(at + HEADER_BYTES) > nextChange);
        }

        private static boolean isWriteAheadLog(Path log) {
            return numberOf(log) >= 0;
        }

        private void found(Path log, long damagedOffset) {
            if (file == null) {
                file = log;
                offset = damagedOffset;
            }
            unfinished = -1;
        }
    }
}
