// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a group as the name of a directory, on any disk: lower-case letters, digits and {@code -} stand for
 * themselves, {@code __} for {@code _}, {@code _0} for a dot, {@code _} and a lower-case letter for that letter in upper
 * case, and a leading {@code _1} for nothing, where the rest is a name that Windows keeps for a device. So no two groups
 * share a directory on a disk that ignores case, none ends in a dot, and 64 characters become at most 130.
 */
final class GroupName {

    /** What Windows keeps for devices, in lower case. */
    static final String DEVICES = "con|prn|aux|nul|com[0-9]|lpt[0-9]";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern DEVICE = Pattern.compile(DEVICES);
    private static final String DEVICE_MARK = "_1";

    private GroupName() {}

    static boolean isLegal(String group) {
        return NAME.matcher(group).matches();
    }

    /** Name of the directory of this group. */
    static String encode(String group) {
        if (!isLegal(group)) {
            throw new IllegalArgumentException(
                    "A group's name has 1 to 64 characters of [A-Za-z0-9._-]; this one is '" + group + "'");
        }
        StringBuilder name = new StringBuilder(group.length() + 16);
        if (DEVICE.matcher(group).matches()) {
            name.append(DEVICE_MARK);
        }
        for (int i = 0; i < group.length(); i++) {
            char c = group.charAt(i);
            if (c == '_') {
                name.append("__");
            } else if (c == '.') {
                name.append("_0");
            } else if (c >= 'A' && c <= 'Z') {
                name.append('_').append((char) (c - 'A' + 'a'));
            } else {
                name.append(c);
            }
        }
        return name.toString();
    }

    /** The group whose directory has this name; null if it is no group's. */
    static @Nullable String decode(String directory) {
        int from = directory.startsWith(DEVICE_MARK) ? DEVICE_MARK.length() : 0;
        StringBuilder group = new StringBuilder(directory.length());
        for (int i = from; i < directory.length(); i++) {
            char c = directory.charAt(i);
            if (c != '_') {
                group.append(c);
            } else if (++i < directory.length()) {
                group.append(unescaped(directory.charAt(i)));
            }
        }
        // what encode would not have written is not ours, whatever it decodes to
        String name = group.toString();
        return isLegal(name) && encode(name).equals(directory) ? name : null;
    }

    private static char unescaped(char c) {
        if (c == '0') {
            return '.';
        }
        return c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
    }
}
