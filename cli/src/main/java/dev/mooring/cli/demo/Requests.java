// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.nio.ByteBuffer;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** What the client says to the key-value store. Numbers are big-endian. */
final class Requests {

    private Requests() {}

    /** Sets a key: {@code key:4 | value}. */
    static Message put(int key, byte[] value) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + value.length);
        bytes.putInt(key).put(value).flip();
        return Message.valueOf(ByteString.copyFrom(bytes));
    }

    /** Asks for the pairs from a key on, as many as fit into one answer: {@code key:4}. */
    static Message pairsFrom(int key) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).putInt(key).flip();
        return Message.valueOf(ByteString.copyFrom(bytes));
    }

    static int key(ByteString request) {
        return request.asReadOnlyByteBuffer().getInt();
    }

    static byte[] value(ByteString put) {
        return put.substring(Integer.BYTES).toByteArray();
    }
}
