// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.ready;

import dev.mooring.Snapshot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A snapshot as it travels in a message: all of it in memory, which is good for an example and for small states. */
record SentSnapshot(long index, long term, @Nullable ByteBuffer configuration, Map<String, byte[]> sections)
        implements Snapshot {

    /** Reads a stored snapshot in full. */
    static SentSnapshot copyOf(Snapshot stored) throws IOException {
        Map<String, byte[]> sections = new TreeMap<>();
        for (String name : stored.files().keySet()) {
            try (InputStream section = stored.open(name)) {
                sections.put(name, section.readAllBytes());
            }
        }
        return new SentSnapshot(stored.index(), stored.term(), stored.configuration(), sections);
    }

    @Override
    public Map<String, Long> files() {
        Map<String, Long> lengths = new TreeMap<>();
        sections.forEach((name, bytes) -> lengths.put(name, (long) bytes.length));
        return lengths;
    }

    @Override
    public InputStream open(String name) throws IOException {
        return new ByteArrayInputStream(section(name));
    }

    @Override
    public int read(String name, long position, ByteBuffer target) throws IOException {
        byte[] bytes = section(name);
        if (position >= bytes.length) {
            return -1;
        }
        int length = Math.min(target.remaining(), bytes.length - (int) position);
        target.put(bytes, (int) position, length);
        return length;
    }

    @Override
    public void close() {}

    private byte[] section(String name) throws IOException {
        byte[] bytes = sections.get(name);
        if (bytes == null) {
            throw new IOException(
                    "The snapshot at " + index + " has no section '" + name + "', only " + sections.keySet());
        }
        return bytes;
    }
}
