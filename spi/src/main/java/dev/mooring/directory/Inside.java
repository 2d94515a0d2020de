// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import dev.mooring.spi.StorageException;
import java.nio.file.Path;

/** What lies inside the directory of a storage belongs to it, whatever it looks like, and is no place for another one. */
final class Inside {

    private Inside() {}

    /**
     * Refuses a directory inside a storage.
     *
     * @throws StorageException.Refused if one above it is a storage, as far as they may be looked at
     */
    static void refuse(Path directory) throws StorageException {
        for (Path above = directory.getParent(); above != null; above = above.getParent()) {
            if (Identity.isOne(new Layout(above).identity())) {
                throw new StorageException.Refused(directory + " is inside the storage in " + above
                        + ", whose files are its own. Nothing was changed. To open that storage set mooring.directory="
                        + above + "; for a new one choose a directory elsewhere");
            }
        }
    }
}
