// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes strings as JSON (RFC 8259). */
final class Json {

    private Json() {}

    static String field(String name, String value) {
        return string(name) + ": " + string(value);
    }

    static String array(Collection<String> values) {
        return values.stream().map(Json::string).collect(Collectors.joining(", ", "[", "]"));
    }

    static String string(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < 0x20) {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }
}
