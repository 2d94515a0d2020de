// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;

/** A lock on a region of a file. Gone when its channel is closed or its process killed. */
final class SimulatedLock extends FileLock {

    private final Handle handle;

    SimulatedLock(FileChannel channel, Handle handle, long position, long size, boolean shared) {
        super(channel, position, size, shared);
        this.handle = handle;
    }

    SimulatedLock(AsynchronousFileChannel channel, Handle handle, long position, long size, boolean shared) {
        super(channel, position, size, shared);
        this.handle = handle;
    }

    Handle handle() {
        return handle;
    }

    @Override
    public boolean isValid() {
        return handle.holds(this);
    }

    @Override
    public void release() throws IOException {
        if (!handle.isOpen()) {
            throw new ClosedChannelException();
        }
        handle.unlock(this);
    }
}
