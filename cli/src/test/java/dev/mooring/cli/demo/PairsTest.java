// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PairsTest {

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        SortedMap<Integer, byte[]> pairs = new TreeMap<>();
        pairs.put(Integer.MIN_VALUE, new byte[] {1});
        pairs.put(0, new byte[0]);
        pairs.put(300, "a line".getBytes(StandardCharsets.UTF_8));
        pairs.put(Integer.MAX_VALUE, new byte[Text.MAX_LINE_BYTES]);
        assertThat(Comparison.same(read(bytes(pairs)), pairs)).isTrue();
        assertThat(read(new byte[0])).isEmpty();
    }

    @Test
    void halfAPairIsAnError() throws IOException {
        SortedMap<Integer, byte[]> pairs = new TreeMap<>();
        pairs.put(7, new byte[] {1, 2, 3});
        byte[] whole = bytes(pairs);
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aLengthThatNoLineHasIsRefusedBeforeMemoryIsTaken() {
        byte[] hostile = {0, 0, 0, 7, 0x7f, -1, -1, -1, 1};
        assertThatThrownBy(() -> read(hostile))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(EOFException.class)
                .hasMessageContaining("key 7");
    }

    private static byte[] bytes(SortedMap<Integer, byte[]> pairs) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Pairs.write(pairs, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static SortedMap<Integer, byte[]> read(byte[] bytes) throws IOException {
        return Pairs.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }
}
