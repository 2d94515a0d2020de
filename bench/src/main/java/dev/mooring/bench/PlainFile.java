// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Written full and forced, so that what is written into it later changes nothing but bytes: what no save can do without. */
final class PlainFile implements AutoCloseable {

    private static final int FILE_BYTES = 16 << 20;

    private final FileChannel channel;
    private long position;

    private PlainFile(FileChannel channel) {
        this.channel = channel;
    }

    static PlainFile in(Path directory) throws IOException {
        Path file = directory.resolve("plain");
        Files.write(file, new byte[FILE_BYTES]);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        channel.force(true);
        return new PlainFile(channel);
    }

    /** So many writes, each forced; how long each took. */
    long[] write(int times, int payloadBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(payloadBytes);
        long[] tookNanos = new long[times];
        for (int i = 0; i < times; i++) {
            long began = System.nanoTime();
            position = position + payloadBytes > FILE_BYTES ? 0 : position;
            bytes.clear();
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
            channel.force(false);
            tookNanos[i] = System.nanoTime() - began;
        }
        return tookNanos;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
