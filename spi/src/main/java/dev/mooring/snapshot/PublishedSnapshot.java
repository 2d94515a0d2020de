// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A published snapshot, open for reading. It stays readable until closed, also after it was removed and its group dropped.
 * Every byte is verified before it is handed out. Safe for use by any thread.
 */
public final class PublishedSnapshot implements Closeable {

    // A read borrows an open file, alone, and gives it back. A few that nobody has borrowed stay open, so that a sender
    // of chunks pays for no opening and finds its block where the last chunk left it.
    private static final int MAX_IDLE_FILES = 8;

    private final GroupDirectory directory;
    private final GroupDirectory.Reading reading;
    private final Manifest manifest;
    private final Damage damage;
    private final Buffers buffers;
    private final Map<String, Long> files = new LinkedHashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    private final Map<String, VerifiedFile> idle = new LinkedHashMap<>();
    private final Set<VerifiedFile> lent = new HashSet<>();
    private boolean closed;

    PublishedSnapshot(
            GroupDirectory directory,
            GroupDirectory.Reading reading,
            Manifest manifest,
            Damage damage,
            Buffers buffers) {
        this.directory = directory;
        this.reading = reading;
        this.manifest = manifest;
        this.damage = damage;
        this.buffers = buffers;
        for (ListedFile file : manifest.files()) {
            numbers.put(file.name(), files.size());
            files.put(file.name(), file.bytes());
        }
    }

    /** Index, term and id. */
    public SnapshotPointer pointer() {
        return damage.pointer();
    }

    /** Index of the last entry covered (lastIncludedIndex). */
    public long index() {
        return pointer().index();
    }

    /** Term of that entry (lastIncludedTerm). */
    public long term() {
        return pointer().term();
    }

    /** The configuration kept with it, as a read-only view; null if none was. */
    public @Nullable ByteBuffer configuration() {
        ByteBuffer configuration = manifest.head().configuration();
        return configuration == null ? null : configuration.duplicate();
    }

    /** Length in bytes of each file, by name, in order of names. */
    public Map<String, Long> files() {
        return Collections.unmodifiableMap(files);
    }

    /** A stream over a whole file, for use by one thread at a time. */
    public InputStream open(String name) throws IOException {
        return new Stream(name);
    }

    /**
     * Reads from a position of a file until the buffer is full or the file ends.
     *
     * @return number of bytes read, -1 at or behind the end of the file
     */
    public int read(String name, long position, ByteBuffer target) throws IOException {
        if (position < 0) {
            throw new IllegalArgumentException(
                    "Group '" + damage.group() + "': position " + position + " of file '" + name + "' is less than 0");
        }
        VerifiedFile file = borrow(name);
        try {
            return file.read(position, target, 0);
        } finally {
            giveBack(file);
        }
    }

    /** Reads every byte. */
    void verify() throws IOException {
        for (String name : files.keySet()) {
            VerifiedFile file = borrow(name);
            try {
                file.verify();
            } finally {
                giveBack(file);
            }
        }
    }

    private synchronized VerifiedFile borrow(String name) throws IOException {
        Integer number = numbers.get(name);
        if (number == null) {
            throw new IllegalArgumentException("Group '" + damage.group() + "': snapshot " + damage.name()
                    + " has no file '" + name + "'; it has " + (files.size() <= 100 ? files.keySet() : files.size()));
        }
        checkOpen();
        VerifiedFile file = idle.remove(name);
        if (file == null) {
            file = VerifiedFile.of(
                    directory.openFile(reading, FileName.onDisk(name), damage), number, manifest, damage, buffers);
        }
        lent.add(file);
        return file;
    }

    private synchronized void giveBack(VerifiedFile file) throws IOException {
        if (!lent.remove(file)) {
            return; // closed meanwhile, and with it this file
        }
        VerifiedFile same = idle.put(file.name(), file);
        if (same != null) {
            same.close();
        }
        Iterator<VerifiedFile> eldestFirst = idle.values().iterator();
        while (idle.size() > MAX_IDLE_FILES) {
            VerifiedFile eldest = eldestFirst.next();
            eldestFirst.remove();
            eldest.close();
        }
    }

    private synchronized void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("Group '" + damage.group() + "': snapshot " + damage.name() + " is closed");
        }
    }

    /** Ends reading, streams included. If it was removed meanwhile, its files go now. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            try (manifest) {
                for (VerifiedFile file : idle.values()) {
                    file.close();
                }
                for (VerifiedFile file : lent) {
                    file.abandon();
                }
            } finally {
                idle.clear();
                lent.clear();
            }
        }
        directory.endReading(reading);
    }

    private final class Stream extends InputStream {

        private final String name;
        private final long length;
        private @Nullable VerifiedFile file;
        private long position;

        Stream(String name) throws IOException {
            VerifiedFile borrowed = borrow(name);
            this.name = name;
            this.file = borrowed;
            this.length = borrowed.bytes();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            ByteBuffer wanted = ByteBuffer.wrap(target, offset, count);
            VerifiedFile open = file();
            if (count == 0) {
                return 0;
            }
            int read = open.read(position, wanted, Buffers.BUFFER_BYTES);
            position += Math.max(read, 0);
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            file();
            long skipped = Math.max(0, Math.min(count, length - position));
            position += skipped;
            return skipped;
        }

        @Override
        public int available() throws IOException {
            file();
            return (int) Math.min(Integer.MAX_VALUE, length - position);
        }

        private VerifiedFile file() throws IOException {
            checkOpen();
            VerifiedFile open = file;
            if (open == null) {
                throw new IOException("The stream over file '" + name + "' is closed");
            }
            return open;
        }

        @Override
        public void close() throws IOException {
            VerifiedFile open = file;
            file = null;
            if (open != null) {
                giveBack(open);
            }
        }
    }
}
