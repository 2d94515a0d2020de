// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

/** What one event did, in the smallest pieces that a power cut keeps or loses. */
sealed interface Change {

    /** Every sector of a page. */
    int ALL_SECTORS = (1 << Page.SECTORS) - 1;

    /** Position of the event in the log. */
    int event();

    /**
     * Bit by bit what of it can be lost on its own: sectors of a page, or 1.
     */
    int parts();

    /** Bytes within one page. */
    final class OfPage implements Change {
        final int event;
        final long node;
        final int page;
        final int at;
        final Data data;
        final int from;
        final int length;
        final String path;

        /** A force failed on it: no later one brings it to the disk, unless the page is written again. */
        boolean clean;

        OfPage(int event, long node, int page, int at, Data data, int from, int length, String path) {
            this.event = event;
            this.node = node;
            this.page = page;
            this.at = at;
            this.data = data;
            this.from = from;
            this.length = length;
            this.path = path;
        }

        @Override
        public int event() {
            return event;
        }

        @Override
        public int parts() {
            int first = at / Page.SECTOR_BYTES;
            int last = (at + length - 1) / Page.SECTOR_BYTES;
            return ALL_SECTORS >> (Page.SECTORS - 1 - last) & ALL_SECTORS << first;
        }

        long position() {
            return (long) page * Page.BYTES + at;
        }

        /** Without what lies at or beyond this position of the file. */
        OfPage before(long end) {
            OfPage cut = new OfPage(event, node, page, at, data, from, (int) (end - position()), path);
            cut.clean = clean;
            return cut;
        }

        /** Writes the sectors that are kept. */
        void apply(FileContent content, int kept) {
            if (kept == parts()) {
                content.writePage(page, at, data, from, length);
                return;
            }
            for (int sector = 0; sector < Page.SECTORS; sector++) {
                if ((kept & 1 << sector) != 0) {
                    int begin = Math.max(at, sector * Page.SECTOR_BYTES);
                    int end = Math.min(at + length, (sector + 1) * Page.SECTOR_BYTES);
                    content.writePage(page, begin, data, from + begin - at, end - begin);
                }
            }
        }

        @Override
        public String toString() {
            return path + " " + position() + "+" + length;
        }
    }

    /**
     * A length.
     *
     * @param oldSize the length before
     * @param truncation whether it cuts off what lies beyond, else it comes with a write
     */
    record OfSize(int event, long node, long oldSize, long size, boolean truncation, String path) implements Change {
        @Override
        public int parts() {
            return 1;
        }

        @Override
        public String toString() {
            return path + " length " + oldSize + " -> " + size;
        }
    }

    /** A name in a directory: made, taken away or moved. */
    final class OfEntry implements Change {
        final int event;
        final DiskEvent what;

        /** A force of the directory failed on it. */
        boolean clean;

        OfEntry(int event, DiskEvent what) {
            this.event = event;
            this.what = what;
        }

        @Override
        public int event() {
            return event;
        }

        @Override
        public int parts() {
            return 1;
        }

        /** The directory whose force makes it durable: of a rename, the one that it leads to. */
        long directory() {
            if (what instanceof DiskEvent.Created created) {
                return created.parent();
            }
            if (what instanceof DiskEvent.Removed removed) {
                return removed.parent();
            }
            return ((DiskEvent.Renamed) what).toParent();
        }

        @Override
        public String toString() {
            return what.toString();
        }
    }
}
