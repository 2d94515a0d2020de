// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Key-value pairs as bytes, in a snapshot and in an answer: {@code key:4 | length:4 | value}, big-endian, to the end. */
final class Pairs {

    private Pairs() {}

    static void write(Map<Integer, byte[]> pairs, DataOutputStream out) throws IOException {
        for (Map.Entry<Integer, byte[]> pair : pairs.entrySet()) {
            out.writeInt(pair.getKey());
            out.writeInt(pair.getValue().length);
            out.write(pair.getValue());
        }
    }

    static SortedMap<Integer, byte[]> read(DataInputStream in) throws IOException {
        SortedMap<Integer, byte[]> pairs = new TreeMap<>();
        while (true) {
            int key = in.read();
            if (key < 0) {
                return pairs;
            }
            key = key << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int length = in.readInt();
            if (length < 0 || length > Text.MAX_LINE_BYTES) {
                throw new IOException("The value of key " + key + " claims " + length + " bytes");
            }
            byte[] value = in.readNBytes(length);
            if (value.length < length) {
                throw new IOException(
                        "The value of key " + key + " ends after " + value.length + " of " + length + " bytes");
            }
            pairs.put(key, value);
        }
    }
}
