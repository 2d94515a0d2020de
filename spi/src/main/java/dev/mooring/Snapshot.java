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

    /** {@return index of the last entry covered (lastIncludedIndex)} */
    long index();

    /** {@return term of that entry (lastIncludedTerm)} */
    long term();

    /** {@return the configuration kept with it; null if none was} */
    @Nullable
    ByteBuffer configuration();

    /** {@return length in bytes of each file, by name, in order of names} */
    Map<String, Long> files();

    /**
     * A stream over a whole file.
     *
     * @param name one of {@link #files()}
     * @return the stream, for use by one thread at a time; it fails once the snapshot is closed
     * @throws IllegalArgumentException if there is no such file
     * @throws IOException if the file can not be opened, or the snapshot is closed
     */
    InputStream open(String name) throws IOException;

    /**
     * Reads from a position of a file until the buffer is full or the file ends.
     *
     * @param name one of {@link #files()}
     * @param position from 0, in bytes
     * @param target is filled from its position on
     * @return number of bytes read, -1 at or behind the end of the file
     * @throws dev.mooring.spi.StorageException.Corrupted if a byte differs from what was published; names the file and the offset
     * @throws IllegalArgumentException if there is no such file, or the position is negative
     * @throws IOException if the file can not be read, or the snapshot is closed
     */
    int read(String name, long position, ByteBuffer target) throws IOException;

    @Override
    void close() throws IOException;
}
