// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import java.nio.ByteBuffer;

/**
 * Keys of the two column families. Groups have numbers, so that a key is short and sorts by group, then by index; numbers
 * are never used again, so that nothing of a dropped group can turn up in a later one.
 *
 * <pre>
 *   log :  group number:4 | index:8                          -> term:8 | checksum:4 | payload
 *   meta:  'S'                                               -> sequence:8 | number of the next group:4
 *          'G' | group number:4 | 'n'                        -> name in ASCII
 *                               | 'b'                        -> firstIndex:8 | lastIndex:8
 *                               | 'h', 's', 'a'              -> hard state, snapshot pointer, attachment
 * </pre>
 *
 * <p>Numbers are big-endian and not negative, so bytes sort as they do.
 */
final class Keys {

    static final byte NAME = 'n';
    static final byte BOUNDS = 'b';
    static final byte HARD_STATE = 'h';
    static final byte SNAPSHOT = 's';
    static final byte ATTACHMENT = 'a';

    static final byte[] SEQUENCE = {'S'};
    static final int SEQUENCE_BYTES = 8 + 4;
    static final byte[] FIRST_GROUP = {'G'};
    static final int ENTRY_BYTES = 4 + 8;

    private static final int META_BYTES = 1 + 4 + 1;

    private Keys() {}

    static byte[] entry(int group, long index) {
        return ByteBuffer.allocate(ENTRY_BYTES).putInt(group).putLong(index).array();
    }

    static byte[] meta(int group, byte kind) {
        return ByteBuffer.allocate(META_BYTES)
                .put((byte) 'G')
                .putInt(group)
                .put(kind)
                .array();
    }

    static boolean isMeta(byte[] key) {
        return key.length == META_BYTES && key[0] == 'G';
    }

    static int groupOf(byte[] metaKey) {
        return ByteBuffer.wrap(metaKey).getInt(1);
    }

    static byte kindOf(byte[] metaKey) {
        return metaKey[META_BYTES - 1];
    }
}
