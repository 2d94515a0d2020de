// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.odd;

import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.StorageBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** {@link Oddity#READS_ALL_BEFORE_IT_VISITS}. Saves and releases do not wait for a read, close and drop do. */
final class ReadingAhead extends Wrapper {

    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    ReadingAhead(StorageBackend wrapped) {
        super(wrapped);
    }

    @Override
    public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
        lock.readLock().lock();
        try {
            List<Entry> entries = new ArrayList<>();
            super.read(group, first, last, entry -> entries.add(copy(entry)));
            for (Entry entry : entries) {
                if (!visitor.visit(entry)) {
                    return;
                }
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    private static Entry copy(Entry entry) {
        ByteBuffer payload =
                ByteBuffer.allocate(entry.payloadBytes()).put(entry.payload()).flip();
        return new Entry(entry.index(), entry.term(), entry.checksum(), payload);
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        lock.writeLock().lock();
        try {
            super.drop(sequence, group);
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lock.writeLock().lock();
        try {
            super.close();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
