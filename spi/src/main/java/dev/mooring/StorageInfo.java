// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.directory.Description;
import dev.mooring.spi.Durability;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a directory says of the storage in it, for tools. Nothing is opened, locked or changed, so it may be asked while
 * somebody else has the storage open.
 *
 * @param directory the storage's own directory
 * @param backend name of the backend that wrote it
 * @param createdBy version of Mooring that created it
 * @param createdAt when
 * @param storageId its identity, random
 * @param node the node it belongs to; null if its directory is not shared by several
 * @param durable whether it keeps a mark: false only for a backend that is {@link Durability#VOLATILE}
 */
public record StorageInfo(
        Path directory,
        String backend,
        String createdBy,
        Instant createdAt,
        UUID storageId,
        @Nullable String node,
        boolean durable) {

    /**
     * Reads it.
     *
     * @param directory the storage's own directory: with nodes, that of one node
     * @return null if there is no storage in it, or none whose first opening came to its end
     * @throws StorageException.Corrupted if what is there can not be read
     * @throws StorageException.Refused if a later release wrote it, or if it is the target of a migration that has not come
     *     to its end
     */
    public static @Nullable StorageInfo read(Path directory) throws IOException {
        Description found = Description.read(directory);
        return found == null
                ? null
                : new StorageInfo(
                        directory,
                        found.backend(),
                        found.createdBy(),
                        found.createdAt(),
                        found.storageId(),
                        found.node(),
                        found.keepsMark());
    }
}
