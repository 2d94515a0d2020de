// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Rules for the names of files inside a snapshot. */
public final class FileName {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]([A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?");
    private static final Pattern DEVICE =
            Pattern.compile("(?:" + GroupName.DEVICES + ")(?:\\..*)?", Pattern.CASE_INSENSITIVE);

    private FileName() {}

    static boolean isLegal(String name) {
        return NAME.matcher(name).matches();
    }

    static void check(String group, String name) {
        if (!isLegal(name)) {
            throw new IllegalArgumentException(
                    "Group '" + group + "': a snapshot's file has a name of 1 to 128 characters"
                            + " of [A-Za-z0-9._-] with no dot at either end, for a disk may drop the last; this one is '"
                            + name + "'");
        }
    }

    /**
     * Refuses names that can not be files of one snapshot.
     *
     * @throws IllegalArgumentException if one is no legal name, or two are one on a disk that ignores case
     */
    public static void checkAll(String group, Collection<String> names) {
        Map<String, String> seen = new HashMap<>();
        for (String name : names) {
            check(group, name);
            String other = seen.put(ignoringCase(name), name);
            if (other != null) {
                throw new IllegalArgumentException("Group '" + group + "': file '" + name + "' can not be told from '"
                        + other + "' on a disk that ignores case");
            }
        }
    }

    /**
     * The name on the disk. What Windows takes for a device, whatever follows the first dot, stands behind a dot there,
     * with which no name of a file begins.
     */
    static String onDisk(String name) {
        return DEVICE.matcher(name).matches() ? "." + name : name;
    }

    /** What two names have in common that are one on a disk that ignores case. */
    static String ignoringCase(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
