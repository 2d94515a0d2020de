// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checksums of a file that is being written: four bytes for every block written, nothing for a gap of a page or more.
 * A block is in one of three states: never written, and so all zeros; known; or written in pieces, and to be read again.
 */
final class BlockChecksums {

    private static final int ZEROS = zeros();

    private final List<@Nullable Page> pages = new ArrayList<>();

    /** The whole block has just been written, and this is its checksum. */
    void know(long block, int checksum) {
        page(block).know(inPage(block), checksum);
    }

    /** Part of the block has just been written. */
    void forget(long block) {
        page(block).forget(inPage(block));
    }

    /** The first block from this one on whose checksum can only be had by reading it again; -1 if there is none. */
    long nextUnknown(long from) {
        int inPage = inPage(from);
        for (int i = (int) (from / Blocks.BLOCKS_PER_PAGE); i < pages.size(); i++, inPage = 0) {
            Page page = pages.get(i);
            int found = page == null ? -1 : page.unknown.nextSetBit(inPage);
            if (found >= 0) {
                return (long) i * Blocks.BLOCKS_PER_PAGE + found;
            }
        }
        return -1;
    }

    /** Puts the first {@code count} checksums of a page of which none is unknown. */
    void copyPage(long page, int count, ByteBuffer target) {
        Page found = page < pages.size() ? pages.get((int) page) : null;
        for (int i = 0; i < count; i++) {
            target.putInt(found == null || !found.known.get(i) ? ZEROS : found.checksums[i]);
        }
    }

    private Page page(long block) {
        int number = (int) (block / Blocks.BLOCKS_PER_PAGE);
        while (pages.size() <= number) {
            pages.add(null);
        }
        Page page = pages.get(number);
        if (page == null) {
            page = new Page();
            pages.set(number, page);
        }
        return page;
    }

    private static int inPage(long block) {
        return (int) (block % Blocks.BLOCKS_PER_PAGE);
    }

    private static int zeros() {
        CRC32C crc = new CRC32C();
        crc.update(new byte[Blocks.BLOCK_BYTES]);
        return (int) crc.getValue();
    }

    private static final class Page {

        private final BitSet known = new BitSet();
        private final BitSet unknown = new BitSet();
        private int[] checksums = new int[4]; // grows, for most files are short

        void know(int block, int checksum) {
            if (block >= checksums.length) {
                checksums =
                        Arrays.copyOf(checksums, Math.min(Blocks.BLOCKS_PER_PAGE, 2 * Integer.highestOneBit(block)));
            }
            checksums[block] = checksum;
            known.set(block);
            unknown.clear(block);
        }

        void forget(int block) {
            known.clear(block);
            unknown.set(block);
        }
    }
}
