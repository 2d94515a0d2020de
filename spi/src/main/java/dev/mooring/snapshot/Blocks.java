// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

/** How a file is cut for its checksums: into blocks, whose checksums stand together in pages. */
final class Blocks {

    /**
     * Length of a block, and so what the smallest verified read costs. Fixed by version 1 of the manifest. At 64 KiB the
     * checksums take a 16,384th of what they protect.
     */
    static final int BLOCK_BYTES = 64 * 1024;

    /** Checksums in a page; a full one covers 256 MiB of a file. */
    static final int BLOCKS_PER_PAGE = 4096;

    /** Largest file, 16 TiB: what ext4 takes. Keeps a position gone wild from making an endless manifest. */
    static final long MAX_FILE_BYTES = 1L << 44;

    private Blocks() {}

    static long count(long fileBytes) {
        return (fileBytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
    }

    static long pages(long fileBytes) {
        return (count(fileBytes) + BLOCKS_PER_PAGE - 1) / BLOCKS_PER_PAGE;
    }

    /** Checksums in one page of a file of this length: all pages but the last are full. */
    static int checksumsInPage(long fileBytes, long page) {
        return (int) Math.min(BLOCKS_PER_PAGE, count(fileBytes) - page * BLOCKS_PER_PAGE);
    }
}
