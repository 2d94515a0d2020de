// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.Durability;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * One open data directory: the durable state of any number of Raft groups, which share its writes and syncs.
 *
 * <p>Safe for use by any thread. A failed write or sync poisons the whole storage: from then on every change of every
 * group throws {@link StorageException.Failed} with the first cause, while getters and reads up to the durable index go
 * on; close it, mend the disk, and open it again (rule FAULT-2).
 */
public interface RaftStorage extends AutoCloseable {

    /** Term of an entry that storage does not know. */
    long UNKNOWN_TERM = -1;

    /**
     * Opens the directory that the configuration names, with the backend that it chooses, and recovers.
     *
     * @param config names directory and backend, and the limits
     * @return the open storage; close it to mark a clean end
     * @throws StorageException.Locked if somebody else has it open; the message names the holder
     * @throws StorageException.Refused if configuration and directory do not fit; nothing was changed
     * @throws StorageException.Corrupted if acknowledged data is damaged or missing
     * @throws StorageException.Failed if reading or writing failed; nothing is open, and what was acknowledged is what it was
     */
    static RaftStorage open(StorageConfig config) throws IOException {
        return open(config, StorageObserver.NONE);
    }

    /**
     * As {@link #open(StorageConfig)}, telling the observer what happens.
     *
     * @param config names directory and backend, and the limits
     * @param observer is told of recovery at once, and of all that follows
     * @return the open storage; close it to mark a clean end
     * @throws StorageException as {@link #open(StorageConfig)}
     */
    static RaftStorage open(StorageConfig config, StorageObserver observer) throws IOException {
        return CoreStorage.open(config, observer);
    }

    /**
     * {@return the group of this name, the same object until the storage is closed or the group is dropped} Writes
     * nothing: a group comes into being with its first change.
     *
     * @param name 1 to 64 characters of {@code [A-Za-z0-9._-]}
     * @throws StorageException.Corrupted if what was found of this group at open contradicts itself; other groups work
     * @throws StorageException.Failed if the storage is closed
     * @throws IllegalArgumentException if the name is not such
     */
    RaftGroup group(String name) throws StorageException;

    /** {@return names of the groups that hold anything} A copy. */
    Set<String> groups();

    /**
     * Forgets a group with its snapshots, durably; its {@link RaftGroup} refuses every change and every read of
     * entries from then on. Does nothing if there is no such group.
     *
     * @param name 1 to 64 characters of {@code [A-Za-z0-9._-]}
     * @throws StorageException.Failed if the storage has failed or is closed, or if this could not be made durable
     */
    void drop(String name) throws IOException;

    /** {@return name of the backend, such as {@code files}} */
    String backend();

    /** {@return what acknowledged changes survive} */
    Durability durability();

    /** {@return the directory of this storage: its own subdirectory where a node is configured} */
    Path directory();

    /**
     * Makes durable what was accepted, marks a clean end and frees the directory. Callers that still wait for room in the
     * queue fail. After a failure nothing is written. Calling it again does nothing.
     *
     * @throws StorageException.Failed if something that was accepted could not be made durable, and no call or future has
     *     said so yet, or the backend could not end cleanly; the storage is closed all the same
     */
    @Override
    void close() throws IOException;
}
