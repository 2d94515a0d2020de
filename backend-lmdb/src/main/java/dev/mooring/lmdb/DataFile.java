// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** LMDB's file, looked at from outside before the native code maps it. */
final class DataFile {

    /*
     * LMDB takes a missing file for a new, empty store, and a byte that is mapped but lies behind the end of the file kills
     * the JVM. So the file is always kept as long as its map: it is extended, as a hole that takes no space, and forced
     * before LMDB may use a larger map. LMDB writes the length of its map into both headers, so a file shorter than that
     * has been cut off.
     *
     * A header is page 0 or 1:  16 bytes page header, flags at 10 | magic:4 | version:4 | address:8 | map length:8 |
     * two trees of 48 bytes, the first begins with the page size:4, each ends with its root page:8 | last page:8 |
     * transaction:8, in the byte order of the machine.
     */
    private static final int HEADER_BYTES = 152;
    private static final int FLAGS = 10;
    private static final int META_FLAG = 0x08;
    private static final int MAGIC = 16;
    private static final int MAGIC_VALUE = 0xBEEFC0DE;
    private static final int VERSION = 20;
    private static final int FORMAT = 1;
    private static final int MAP_BYTES = 32;
    private static final int PAGE_BYTES = 40;
    private static final int FIRST_ROOT = 80;
    private static final int SECOND_ROOT = 128;
    private static final int LAST_PAGE = 136;
    private static final int MIN_PAGE_BYTES = 512;
    private static final int MAX_PAGE_BYTES = 1 << 16;

    private final Path directory;
    private final Path path;

    DataFile(Path directory) {
        this.directory = directory;
        this.path = directory.resolve("data.mdb");
    }

    /**
     * Whether this is a new store.
     *
     * @throws StorageException.Corrupted if there is no file but there ought to be one
     */
    boolean isNew(BackendContext context) throws IOException {
        if (Files.exists(path)) {
            return false;
        }
        try (var others = Files.list(directory)) {
            if (context.provenSequence() > 0 || others.findAny().isPresent()) {
                throw damaged("the file is missing");
            }
        }
        return true;
    }

    /**
     * Refuses what would take the JVM down.
     *
     * @return length of the file in bytes, which is at least that of the map
     */
    long check() throws IOException {
        try (StableFile file = StableFile.open(path, StandardOpenOption.READ)) {
            long bytes = file.size();
            int pageBytes = header(file, bytes, 0).getInt(PAGE_BYTES);
            if (pageBytes < MIN_PAGE_BYTES || pageBytes > MAX_PAGE_BYTES || Integer.bitCount(pageBytes) != 1) {
                throw damaged("its header says that a page has " + pageBytes + " bytes");
            }
            checkHeader(header(file, bytes, 0), bytes, pageBytes);
            checkHeader(header(file, bytes, pageBytes), bytes, pageBytes);
            return bytes;
        }
    }

    private ByteBuffer header(StableFile file, long fileBytes, long position) throws IOException {
        if (fileBytes < position + HEADER_BYTES) {
            throw damaged("it has only " + fileBytes + " bytes");
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.nativeOrder());
        file.readFully(header, position);
        if ((header.getShort(FLAGS) & META_FLAG) == 0 || header.getInt(MAGIC) != MAGIC_VALUE) {
            throw damaged("there is no LMDB header at " + position);
        }
        if (header.getInt(VERSION) != FORMAT) {
            throw new StorageException.Refused(path + " has LMDB's data format " + header.getInt(VERSION)
                    + ", and this version reads format " + FORMAT + ". Open it with the version that wrote it");
        }
        return header;
    }

    private void checkHeader(ByteBuffer header, long fileBytes, int pageBytes) throws StorageException {
        long mapBytes = header.getLong(MAP_BYTES);
        if (mapBytes > fileBytes) {
            throw damaged("it has " + fileBytes + " bytes and was " + mapBytes + " bytes long: it has been cut off");
        }
        long lastPage = header.getLong(LAST_PAGE);
        if (lastPage < 1 || lastPage >= mapBytes / pageBytes) {
            throw damaged("its header names page " + lastPage + " as the last of " + mapBytes / pageBytes);
        }
        for (int root : new int[] {FIRST_ROOT, SECOND_ROOT}) {
            long page = header.getLong(root);
            if (page != -1 && (page < 2 || page > lastPage)) {
                throw damaged("its header names page " + page + " of " + lastPage + " as a root");
            }
        }
    }

    /**
     * Makes durable what the page cache shows, after an unclean end. LMDB has forced a change's pages before it writes the
     * header that shows them; only that last header may have failed to reach the disk and look as if it had, so it is not
     * only forced but written again.
     */
    void makeDurable() throws IOException {
        StableFile.forceTree(directory);
        try (StableFile file = StableFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer first = header(file, file.size(), 0);
            int pageBytes = first.getInt(PAGE_BYTES);
            ByteBuffer second = header(file, file.size(), pageBytes);
            file.write(first.rewind(), 0);
            file.write(second.rewind(), pageBytes);
            file.force();
        }
    }

    /** Makes the file this long at least, durably; what is added takes no space yet. */
    void extend(long bytes) throws IOException {
        try (StableFile file = StableFile.open(path, StandardOpenOption.WRITE)) {
            if (file.size() < bytes) {
                file.write(ByteBuffer.allocate(1), bytes - 1);
            }
            file.force();
        }
    }

    private StorageException.Corrupted damaged(String what) {
        return StorageException.Corrupted.at(
                path,
                0,
                what + ". Put the whole directory back from one backup, or rebuild this server from its peers");
    }
}
