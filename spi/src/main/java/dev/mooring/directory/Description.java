// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What {@code IDENTITY} says of a storage, read without opening, locking or changing anything. */
public record Description(
        String backend,
        String createdBy,
        Instant createdAt,
        UUID storageId,
        @Nullable String node,
        boolean keepsMark) {

    /** Of the storage whose own directory this is; null if there is no finished storage in it. */
    public static @Nullable Description read(Path directory) throws IOException {
        Layout layout = new Layout(directory);
        UnfinishedMigration.refuse(layout);
        if (!StableFile.exists(layout.identity())) {
            return null;
        }
        Identity identity = Identity.read(layout.identity());
        return new Description(
                identity.backend(),
                identity.createdBy(),
                identity.createdAt(),
                identity.storageId(),
                identity.node(),
                identity.keepsMark());
    }
}
