// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;

/** Words a damaged snapshot: which file, where, whose, and what to do. */
record Damage(String group, SnapshotPointer pointer) {

    private static final String REMEDY = " Where no newer one is"
            + " whole, keep a copy, drop the group and let this server join it again as a new member; only where no"
            + " majority is whole, put back a backup of the whole directory";

    /** A message of ours for those who need no remedy, for another snapshot is used. */
    static String withoutRemedy(String message) {
        return message.endsWith(REMEDY) ? message.substring(0, message.length() - REMEDY.length()) : message;
    }

    StorageException.Corrupted at(Path file, long offset, String what) {
        return StorageException.Corrupted.at(file, offset, what + ". " + consequence());
    }

    StorageException.Corrupted in(Path file, String what) {
        return new StorageException.Corrupted(file + " " + what + ". " + consequence());
    }

    StorageException.Corrupted wrongSize(Path file, long expected, long found) {
        return at(file, Math.min(expected, found), "the file has " + found + " bytes instead of " + expected);
    }

    StorageException.Corrupted unreadable(Path file, long offset, IOException cause) {
        return new StorageException.Corrupted(
                file + " at offset " + offset + ": it can not be read: " + cause.getMessage() + ". " + consequence(),
                cause);
    }

    private String consequence() {
        return "Snapshot " + name() + " of group '" + group + "' can not be used." + REMEDY;
    }

    String name() {
        return DirectoryNames.published(pointer);
    }
}
