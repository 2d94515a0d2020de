// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

/** Kinds of calls that a disk counts and that can be made to fail. */
public enum Operation {
    /** Opens a file or directory that exists. */
    OPEN,
    /** Creates a file or directory. */
    CREATE,
    /** Reads from a file. */
    READ,
    /** Writes to a file. */
    WRITE,
    /** Sets the length of a file. */
    TRUNCATE,
    /** Forces a file. */
    FORCE,
    /** Forces a directory. */
    FORCE_DIRECTORY,
    /** Renames a file or directory. */
    RENAME,
    /** Removes a file or directory. */
    DELETE,
    /** Lists a directory. */
    LIST,
    /** Asks whether something is there, what it is and how long. */
    STAT
}
