// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A channel with a position. As with a real one, an interrupt of a thread that uses it closes it for everybody. */
final class SimulatedFileChannel extends FileChannel {

    private static final int TRANSFER_BYTES = 64 * 1024;

    private final Handle handle;
    private final Object positionLock = new Object();
    private long position;

    SimulatedFileChannel(Handle handle) {
        this.handle = handle;
    }

    private interface Call {
        long run() throws IOException;
    }

    private long interruptibly(Call call) throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        boolean completed = false;
        try {
            begin();
            long result = call.run();
            completed = true;
            return result;
        } finally {
            end(completed);
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        synchronized (positionLock) {
            int count = (int) interruptibly(() -> handle.read(position, target));
            position += Math.max(0, count);
            return count;
        }
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            if (targets[i].hasRemaining()) {
                int count = read(targets[i]);
                if (count < 0) {
                    return total == 0 ? -1 : total;
                }
                total += count;
                if (targets[i].hasRemaining()) {
                    break;
                }
            }
        }
        return total;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        synchronized (positionLock) {
            int count = (int) interruptibly(() -> handle.write(position, source));
            position = handle.access().append() ? handle.size() : position + count;
            return count;
        }
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += write(sources[i]);
            if (sources[i].hasRemaining()) {
                break;
            }
        }
        return total;
    }

    @Override
    public int read(ByteBuffer target, long at) throws IOException {
        return (int) interruptibly(() -> handle.read(at, target));
    }

    @Override
    public int write(ByteBuffer source, long at) throws IOException {
        return (int) interruptibly(() -> handle.write(at, source));
    }

    @Override
    public long position() throws IOException {
        synchronized (positionLock) {
            handle.size(); // throws if the channel is closed
            return handle.access().append() ? handle.size() : position;
        }
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
        if (newPosition < 0) {
            throw new IllegalArgumentException("Negative position: " + newPosition);
        }
        synchronized (positionLock) {
            handle.size();
            position = newPosition;
            return this;
        }
    }

    @Override
    public long size() throws IOException {
        return interruptibly(handle::size);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        interruptibly(() -> {
            handle.truncate(size);
            return 0;
        });
        synchronized (positionLock) {
            position = Math.min(position, size);
        }
        return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
        interruptibly(() -> {
            handle.force();
            return 0;
        });
    }

    @Override
    public long transferTo(long at, long count, WritableByteChannel target) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(TRANSFER_BYTES, count));
        if (read(buffer, at) <= 0) {
            return 0;
        }
        return target.write(buffer.flip());
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(TRANSFER_BYTES, count));
        if (at > size() || source.read(buffer) <= 0) {
            return 0;
        }
        buffer.flip();
        long done = 0;
        while (buffer.hasRemaining()) {
            done += write(buffer, at + done);
        }
        return done;
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long at, long size) {
        throw new UnsupportedOperationException(
                "a simulated disk can not be mapped: what a store to memory writes, and "
                        + "when, could not be recorded");
    }

    @Override
    public FileLock lock(long at, long size, boolean shared) throws IOException {
        return tryLock(at, size, shared);
    }

    @Override
    public FileLock tryLock(long at, long size, boolean shared) throws IOException {
        if (shared) {
            handle.checkReadable(at);
        } else {
            handle.checkWritable(at);
        }
        return handle.lock(new SimulatedLock(this, handle, at, size, shared));
    }

    @Override
    protected void implCloseChannel() {
        handle.close();
    }
}
