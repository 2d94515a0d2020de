// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.snapshot.FileName;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of one snapshot into a staging directory, where nobody sees them until {@link #commit} publishes all of
 * them at once. For use by one thread at a time. A failure here, such as a full disk, fails this snapshot only.
 */
public interface SnapshotWriter extends AutoCloseable {

    /** Name of the file for a snapshot that is a single stream. */
    String DEFAULT_FILE = "data";

    /**
     * Refuses names that can not be files of one snapshot; for whoever knows them long before there is a snapshot.
     *
     * @param group the group they are for, which a refusal names
     * @param names as for {@link #newFile}
     * @throws IllegalArgumentException if one is no legal name, or two are one on a disk that ignores case
     */
    static void checkFileNames(String group, Collection<String> names) {
        FileName.checkAll(group, names);
    }

    /**
     * Begins a file and returns the stream that fills it; closing the stream ends the file, and must come before the
     * commit.
     *
     * @param name 1 to 128 characters of {@code [A-Za-z0-9._-]}, no dot at either end, new in this snapshot, also on
     *     a disk that ignores case
     * @return the stream; it buffers, and flushing it does nothing
     * @throws IllegalArgumentException if the name is not such or not new, or there are 65,536 files already
     * @throws IllegalStateException if this was committed or closed
     * @throws IOException if writing failed, now or before: then this snapshot can only be given up
     */
    OutputStream newFile(String name) throws IOException;

    /**
     * Writes at any position of a file, which is created if need be; gaps read as zeros. For chunks out of order.
     *
     * @param name as for {@link #newFile}, but it may be there already
     * @param position from 0, in bytes
     * @param bytes all that remains in the buffer is written
     * @throws IllegalArgumentException if the name is not such, or the position is negative
     * @throws IllegalStateException if this was committed or closed
     * @throws IOException if writing failed, now or before: then this snapshot can only be given up
     */
    void write(String name, long position, ByteBuffer bytes) throws IOException;

    /**
     * Keeps the cluster's configuration as of the snapshot's last entry with it (Raft §7); opaque, at most 64 KiB.
     *
     * @param configuration its bytes from position to limit, which are copied; replaces one given before
     * @throws IllegalArgumentException if it is larger
     * @throws IllegalStateException if this was committed or closed
     * @throws IOException if writing failed, now or before: then this snapshot can only be given up
     */
    void configuration(ByteBuffer configuration) throws IOException;

    /**
     * As {@link #commit(long, long, TermAndVote)}, with its errors, and the term and vote as they are.
     *
     * @param index index of the last entry covered (lastIncludedIndex)
     * @param term term of that entry (lastIncludedTerm)
     * @throws IOException if files or manifest can not be written, which fails this snapshot only; from the publishing
     *     on a failure is {@link dev.mooring.spi.StorageException.Failed} and poisons the storage
     */
    default void commit(long index, long term) throws IOException {
        commit(index, term, null);
    }

    /**
     * Publishes the snapshot: files, manifest and directories are forced, then the pointer is stored atomically with
     * the truncation that Raft §7 asks for and with term and vote. Durable on return. An older snapshot than the newest
     * never replaces it: then nothing changes and the files are removed.
     *
     * @param index index of the last entry covered (lastIncludedIndex)
     * @param term term of that entry (lastIncludedTerm)
     * @param termAndVote for a snapshot whose term is above the current one; null leaves it as it is
     * @throws IllegalArgumentException if Raft forbids it (rules STATE-4 to STATE-6, SNAP-1, LOG-10): a term that falls, that is
     *     above the current one, or that does not fit the log. Nothing was changed, and group and storage stay usable
     * @throws IllegalStateException if a stream of {@link #newFile} is still open, for what wrote to it may hold back
     *     bytes: close it and commit again; or if this was committed or closed before: begin a new one. Nothing was
     *     changed, and group and storage stay usable
     * @throws IOException if files or manifest can not be written, which fails this snapshot only; from the publishing
     *     on a failure is {@link dev.mooring.spi.StorageException.Failed} and poisons the storage
     */
    void commit(long index, long term, @Nullable TermAndVote termAndVote) throws IOException;

    /** Removes what was staged, unless it was committed. Calling it again does nothing. */
    @Override
    void close() throws IOException;
}
