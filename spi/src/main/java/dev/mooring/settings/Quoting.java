// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import java.util.Locale;

/** Shows foreign text in a message: on one line, at a bounded length, and with nothing in it that a terminal obeys. */
public final class Quoting {

    private static final int MAX_SHOWN_CHARS = 200;

    private Quoting() {}

    /** The text in single quotes. */
    public static String quote(String text) {
        return "'" + escape(text) + "'";
    }

    /** The text without quotes. */
    public static String escape(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(MAX_SHOWN_CHARS).forEach(c -> {
            if (isVisible(c)) {
                shown.appendCodePoint(c);
            } else {
                shown.append(String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        int length = text.codePointCount(0, text.length());
        return length <= MAX_SHOWN_CHARS ? shown.toString() : shown + "... (" + length + " characters)";
    }

    private static boolean isVisible(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }
}
