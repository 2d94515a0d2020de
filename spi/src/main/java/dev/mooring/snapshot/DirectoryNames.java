// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import dev.mooring.spi.SnapshotPointer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names of the directories beside and inside a group's. A published one is {@code <index>-<term>-<id>} in decimal; what is
 * being written or taken away has a name that no reader takes for a published one, nor, for it has a dot, for a group.
 */
final class DirectoryNames {

    private static final Pattern PUBLISHED = Pattern.compile("(\\d{1,19})-(\\d{1,19})-(\\d{1,19})");
    private static final Pattern UNPUBLISHED = Pattern.compile("(staging|removed)-\\d+");
    private static final Pattern DROPPED = Pattern.compile("[a-z0-9_-]+\\.dropped-\\d+");

    private DirectoryNames() {}

    static String published(SnapshotPointer pointer) {
        return pointer.index() + "-" + pointer.term() + "-" + pointer.id();
    }

    /** The snapshot that was published under this name; null if it is not such a name. */
    static @Nullable SnapshotPointer pointer(String name) {
        Matcher matcher = PUBLISHED.matcher(name);
        if (!matcher.matches()) {
            return null;
        }
        try {
            SnapshotPointer pointer = new SnapshotPointer(
                    Long.parseLong(matcher.group(1)),
                    Long.parseLong(matcher.group(2)),
                    false,
                    Long.parseLong(matcher.group(3)));
            return published(pointer).equals(name) ? pointer : null;
        } catch (NumberFormatException e) {
            return null; // 19 digits above 2^63
        }
    }

    static String staging(long number) {
        return "staging-" + number;
    }

    static String removed(long number) {
        return "removed-" + number;
    }

    /** Whether this is a snapshot that was never published, or is no longer. */
    static boolean isUnpublished(String name) {
        return UNPUBLISHED.matcher(name).matches();
    }

    static String dropped(String groupDirectory, long number) {
        return groupDirectory + ".dropped-" + number;
    }

    static boolean isDropped(String name) {
        return DROPPED.matcher(name).matches();
    }
}
