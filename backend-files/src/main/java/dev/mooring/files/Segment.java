// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One life of a file of the log: prepared, activated, sealed by the next activation, and freed once nothing in it is
 * alive. A file that is used again is a new segment.
 */
final class Segment {

    final Path path;
    final long number; // of the file, in its name
    final long sizeBytes;
    final long salt;
    final boolean reused;

    // From activation on; guarded by the writing lock, as are all fields up to the next comment. 0: not yet.
    long ordinal;
    long previousOrdinal;
    long previousEnd;
    int previousCrc;
    long durableOrdinal;
    long durableEnd;

    /** Where the next frame goes, or where the log ends in this segment. */
    long end;

    /** Bytes of entries that are in a log and whose place is here. */
    long liveBytes;

    /** Whether the durable manifest lists this life of the file. */
    boolean listed;

    /** Whether an attempt to delete the file has failed. */
    boolean undeletable;

    // guarded by OpenFiles
    @Nullable
    StableFile file;

    int users;
    boolean retired;

    Segment(Path path, long number, long sizeBytes, long salt, boolean reused) {
        this.path = path;
        this.number = number;
        this.sizeBytes = sizeBytes;
        this.salt = salt;
        this.reused = reused;
    }

    /** The same file in another life. */
    Segment withSalt(long newSalt, boolean nowReused) {
        return new Segment(path, number, sizeBytes, newSalt, nowReused);
    }

    @Override
    public String toString() {
        return path + " (segment " + ordinal + ")";
    }
}
