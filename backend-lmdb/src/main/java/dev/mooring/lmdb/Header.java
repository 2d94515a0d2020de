// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * One of the two headers of LMDB's file, pages 0 and 1, of which the one with the higher transaction counts: {@code 16 bytes
 * page header, flags at 10 | magic:4 | version:4 | address:8 | map length:8 | two trees of 48 bytes, the first begins with the
 * page size:4, each ends with its root page:8 | last page:8 | transaction:8}, in the byte order of the machine. LMDB writes
 * no checksum; this says whether the numbers can be true.
 */
final class Header {

    /** A multiple of every page size; all maps have a multiple of it as length. */
    static final long GRAIN_BYTES = 1 << 16;

    private static final int BYTES = 152;
    private static final int FLAGS = 10;
    private static final int META_FLAG = 0x08;
    private static final int MAGIC = 16;
    private static final int MAGIC_VALUE = 0xBEEFC0DE;
    private static final int VERSION = 20;
    private static final int MAP_BYTES = 32;
    private static final int PAGE_BYTES = 40;
    private static final int FIRST_ROOT = 80;
    private static final int SECOND_ROOT = 128;
    private static final int LAST_PAGE = 136;
    private static final int MIN_PAGE_BYTES = 4096;
    private static final int MAX_PAGE_BYTES = 1 << 16;
    private static final long MAX_MAP_BYTES = 1L << 45;

    private final ByteBuffer bytes;

    private Header(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** Reads what is at this position, whether it is a header or not; what lies behind the end of the file counts as zero. */
    static Header read(StableFile file, long position) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder());
        file.read(bytes, position);
        return new Header(bytes);
    }

    /** Finds the second header where the first one can not say how long a page is. */
    static long positionOfSecond(StableFile file, Header first) throws IOException {
        if (first.nonsense() == null) {
            return first.bytes.getInt(PAGE_BYTES);
        }
        for (int pageBytes = MIN_PAGE_BYTES; pageBytes <= MAX_PAGE_BYTES; pageBytes *= 2) {
            Header second = read(file, pageBytes);
            if (second.nonsense() == null && second.bytes.getInt(PAGE_BYTES) == pageBytes) {
                return pageBytes;
            }
        }
        return MIN_PAGE_BYTES;
    }

    /** What can not be true of it, null if all can. */
    @Nullable
    String nonsense() {
        if ((bytes.getShort(FLAGS) & META_FLAG) == 0 || bytes.getInt(MAGIC) != MAGIC_VALUE) {
            return "there is no LMDB header";
        }
        int pageBytes = bytes.getInt(PAGE_BYTES);
        if (pageBytes < MIN_PAGE_BYTES || pageBytes > MAX_PAGE_BYTES || Integer.bitCount(pageBytes) != 1) {
            return "a page is said to have " + pageBytes + " bytes";
        }
        long mapBytes = mapBytes();
        if (mapBytes <= 0 || mapBytes > MAX_MAP_BYTES || mapBytes % GRAIN_BYTES != 0) {
            return "the map is said to have " + mapBytes + " bytes";
        }
        long lastPage = bytes.getLong(LAST_PAGE);
        if (lastPage < 1 || lastPage >= mapBytes / pageBytes) {
            return "page " + lastPage + " is said to be the last of " + mapBytes / pageBytes;
        }
        for (int root : new int[] {FIRST_ROOT, SECOND_ROOT}) {
            long page = bytes.getLong(root);
            if (page != -1 && (page < 2 || page > lastPage)) {
                return "page " + page + " of " + lastPage + " is said to be a root";
            }
        }
        return null;
    }

    /** LMDB's number of the format. */
    int version() {
        return bytes.getInt(VERSION);
    }

    /** Length of the map, and so the least length of the file. */
    long mapBytes() {
        return bytes.getLong(MAP_BYTES);
    }

    /** What to write back to have the same header again. */
    ByteBuffer bytes() {
        return bytes.duplicate().clear();
    }

    /** What to write to have this header at another page, which is the other one of the two. */
    ByteBuffer bytesFor(int page) {
        ByteBuffer copy = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder());
        return copy.put(bytes()).putLong(0, page).clear();
    }
}
