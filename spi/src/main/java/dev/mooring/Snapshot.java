// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A published snapshot, open for reading. It stays readable until closed, also after newer ones were published and
 * retention took it away. Every byte read is verified. Safe for use by any thread.
 */
public interface Snapshot extends AutoCloseable {

    /** Index of the last entry covered (lastIncludedIndex). */
    long index();

    /** Term of that entry (lastIncludedTerm). */
    long term();

    /** The configuration kept with it; null if none was. */
    @Nullable
    ByteBuffer configuration();

    /** Length in bytes of each file, by name, in order of names. */
    Map<String, Long> files();

    /** A stream over a whole file. */
    InputStream open(String name) throws IOException;

    /**
     * Reads from a position of a file until the buffer is full or the file ends.
     *
     * @return number of bytes read, -1 at or behind the end of the file
     */
    int read(String name, long position, ByteBuffer target) throws IOException;

    @Override
    void close() throws IOException;
}
