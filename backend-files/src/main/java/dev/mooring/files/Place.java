// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

/**
 * Where an entry is, in one number: ordinal of its segment in the upper 33 bits, offset in it in the lower 31. Ordinals
 * are never used twice, so a place never comes to mean something else.
 */
final class Place {

    /** Of an entry that is nowhere. */
    static final long NONE = -1;

    private static final int OFFSET_BITS = 31;

    /** Largest file a place can point into, in bytes. */
    static final long MAX_SEGMENT_BYTES = 1L << OFFSET_BITS;

    /** Largest ordinal a place can hold. */
    static final long MAX_ORDINAL = (1L << (63 - OFFSET_BITS)) - 1;

    private Place() {}

    static long of(long ordinal, long offset) {
        if (ordinal < 0 || ordinal > MAX_ORDINAL || offset < 0 || offset >= MAX_SEGMENT_BYTES) {
            throw new IllegalStateException("offset " + offset + " of segment " + ordinal + " is no place");
        }
        return ordinal << OFFSET_BITS | offset;
    }

    static long ordinal(long place) {
        return place >>> OFFSET_BITS;
    }

    static long offset(long place) {
        return place & (MAX_SEGMENT_BYTES - 1);
    }
}
