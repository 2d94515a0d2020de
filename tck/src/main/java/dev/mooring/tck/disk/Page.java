// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** 4,096 bytes of a file. Never changes, so that any number of images share it. */
final class Page {

    static final int BYTES = 4096;
    static final int SECTOR_BYTES = 512;
    static final int SECTORS = BYTES / SECTOR_BYTES;

    /** Written zeros; a hole is null instead, for it takes no space. */
    static final Page ZERO = new Page(new byte[BYTES]);

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private volatile long hash; // 0: not computed yet

    private Page(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The page {@code old} with {@code length} bytes of {@code source} at {@code at}. */
    static Page with(Page old, int at, Data source, int from, int length) {
        if (length == BYTES && source.isZero(from, length)) {
            return ZERO;
        }
        byte[] changed = old.bytes.clone();
        source.copy(from, changed, at, length);
        return new Page(changed);
    }

    /** This page with zeros from {@code at} on. */
    Page cut(int at) {
        byte[] changed = bytes.clone();
        Arrays.fill(changed, at, BYTES, (byte) 0);
        return new Page(changed);
    }

    /** This page with one bit the other way round. */
    Page flip(int at, int bit) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) (changed[at] ^ (1 << bit));
        return new Page(changed);
    }

    void get(int at, ByteBuffer target, int length) {
        target.put(bytes, at, length);
    }

    void get(int at, byte[] target, int to, int length) {
        System.arraycopy(bytes, at, target, to, length);
    }

    long hash() {
        long known = hash;
        if (known == 0) {
            known = 0x9E3779B97F4A7C15L;
            for (int i = 0; i < BYTES; i += Long.BYTES) {
                known = Hash.mix(known ^ (long) LONGS.get(bytes, i)) + i;
            }
            known = known == 0 ? 1 : known;
            hash = known;
        }
        return known;
    }
}
