// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

/**
 * What a power cut may do to what was not forced. In both, any 512-byte sector of an unforced write may be lost on its
 * own, a force of a file makes durable its data and the length needed to read it, renames are atomic, and after a failed
 * force the pages count as clean: no later force brings them to the disk unless they are written again (Rebello et al.,
 * "Can Applications Recover from fsync Failures?", ATC'20).
 */
public enum DiskModel {
    /**
     * The least that POSIX promises. A new directory entry, a removal or a rename is lost unless its directory was forced
     * (a rename into another directory: the one it leads to), each on its own. A file may have its new length but not its
     * new data, or the other way round.
     */
    STRICT,

    /**
     * A journalled file system such as ext4 with data=ordered. Metadata reaches the disk in order, and any force commits
     * all of it that came earlier. A length never covers data that was not written.
     */
    JOURNALLED
}
