// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

/**
 * What live entries take beside their own bytes, as moving them has shown: the heads of the records they stand in. Small
 * entries of many groups take more than their own bytes wherever they stand, and moving them can not change that. Guarded by
 * the writing lock.
 */
final class MovingCost {

    private static final long REMEMBERED_BYTES = 64 << 20;

    private long movedBytes = 1; // of late: of entries, and what they took with their records' heads
    private long writtenBytes = 1;
    private long headBytes; // what heads took of all that was moved, the last time
    private long headBytesNow; // and up to now

    /** So many bytes of entries were moved, in records of so many bytes. */
    void moved(long entryBytes, long recordBytes) {
        headBytesNow += recordBytes - entryBytes;
        movedBytes += entryBytes;
        writtenBytes += recordBytes;
        if (writtenBytes > REMEMBERED_BYTES) {
            movedBytes = Math.max(1, movedBytes / 2);
            writtenBytes /= 2;
        }
    }

    /** Nothing is to be moved for now. */
    void ended() {
        if (headBytesNow > 0) {
            headBytes = Math.max(headBytesNow, headBytes / 2);
            headBytesNow = 0;
        }
    }

    /**
     * What live entries of so many bytes take. Not simply by the ratio: the heads of those that were moved say nothing of
     * large entries that stand elsewhere.
     */
    double withHeads(long liveBytes) {
        double byRatio = liveBytes * Math.max(1, (double) writtenBytes / movedBytes);
        return Math.min(byRatio, liveBytes + (double) Math.max(headBytes, headBytesNow));
    }
}
