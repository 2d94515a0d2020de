// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

/** A quick 64-bit mix; two different images among millions collide with a chance of less than one in a million. */
final class Hash {
    private Hash() {}

    static long mix(long value) {
        long mixed = value * 0xBF58476D1CE4E5B9L;
        mixed ^= mixed >>> 29;
        mixed *= 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 32);
    }

    static long of(String text) {
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            hash = mix(hash + text.charAt(i));
        }
        return hash;
    }
}
