// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import dev.mooring.spi.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Bytes for tests: never all zero, different at every position, and the same for the same seed. */
public final class Payloads {

    private Payloads() {}

    /** Payload of this length that belongs to this seed. */
    public static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        long state = mix(seed);
        for (int i = 0; i < length; i++) {
            if (i % 8 == 0) {
                state = mix(state + i);
            }
            bytes[i] = (byte) (state >>> (8 * (i % 8)));
        }
        if (length > 0 && bytes[0] == 0) {
            bytes[0] = 1;
        }
        return bytes;
    }

    /** Entry with the checksum that the core would give it. */
    public static Entry entry(String group, long index, long term, byte[] payload) {
        ByteBuffer buffer = ByteBuffer.wrap(payload);
        return new Entry(index, term, Entry.checksum(group, index, term, buffer), buffer);
    }

    /**
     * Consecutive entries of one term.
     *
     * @param salt makes payloads differ from those of an earlier run over the same indexes
     */
    public static List<Entry> run(String group, long first, int count, long term, int payloadBytes, long salt) {
        List<Entry> entries = new ArrayList<>(count);
        for (long index = first; index < first + count; index++) {
            entries.add(entry(group, index, term, bytes(seed(group, index, term, salt), payloadBytes)));
        }
        return entries;
    }

    /** Bytes of a buffer in hexadecimal, for messages; the middle of a long one is left out. */
    public static String hex(ByteBuffer buffer) {
        StringBuilder text = new StringBuilder().append(buffer.remaining()).append(" bytes");
        for (int i = 0; i < Math.min(12, buffer.remaining()); i++) {
            text.append(i == 0 ? ": " : " ")
                    .append(String.format(Locale.ROOT, "%02x", buffer.get(buffer.position() + i)));
        }
        return buffer.remaining() > 12 ? text.append(" ...").toString() : text.toString();
    }

    private static long seed(String group, long index, long term, long salt) {
        return mix(mix(mix(group.hashCode()) + index) + term) + salt;
    }

    private static long mix(long value) {
        // SplitMix64 (Steele, Lea, Flood, OOPSLA'14)
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
