// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;

/** An open file or directory: what the channels of both kinds have in common. Equal to nothing but itself. */
final class Handle {

    private final Volume volume;
    private final Node node;
    private final String path;
    private final Access access;

    Handle(Volume volume, Node node, String path, Access access) {
        this.volume = volume;
        this.node = node;
        this.path = path;
        this.access = access;
    }

    Node node() {
        return node;
    }

    String path() {
        return path;
    }

    Access access() {
        return access;
    }

    boolean isOpen() {
        return volume.isOpen(this);
    }

    int read(long position, ByteBuffer target) throws IOException {
        checkReadable(position);
        return volume.read(this, position, target);
    }

    int write(long position, ByteBuffer source) throws IOException {
        checkWritable(position);
        return volume.write(this, position, source);
    }

    void checkReadable(long position) {
        if (!access.read()) {
            throw new NonReadableChannelException();
        }
        checkNotNegative(position);
    }

    void checkWritable(long position) {
        if (!access.write()) {
            throw new NonWritableChannelException();
        }
        checkNotNegative(position);
    }

    private static void checkNotNegative(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("Negative position: " + position);
        }
    }

    void truncate(long size) throws IOException {
        checkWritable(size);
        volume.truncate(this, size);
    }

    void force() throws IOException {
        volume.force(this);
    }

    long size() throws IOException {
        return volume.size(this);
    }

    SimulatedLock lock(SimulatedLock lock) throws IOException {
        volume.lock(lock);
        return lock;
    }

    boolean holds(SimulatedLock lock) {
        return volume.holds(lock);
    }

    void unlock(SimulatedLock lock) {
        volume.unlock(lock);
    }

    void close() {
        volume.release(this);
    }
}
