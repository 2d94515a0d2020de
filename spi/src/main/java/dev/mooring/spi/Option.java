// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One option of a backend, set as {@code mooring.<backend>.<name>}.
 *
 * @param name matches {@code [a-z][a-z0-9-]*}; ends in its unit where it has one, as in {@code segment-bytes}
 * @param type how a value is written and read
 * @param defaultValue value if none is configured, written as a user would
 * @param unit unit of a number, empty if it has none
 * @param minimum smallest number allowed; 0 where the type is no number
 * @param maximum largest number allowed; 0 where the type is no number
 * @param choices the words allowed where the type is {@link Type#CHOICE}, else empty
 * @param help one line for operators; an option that can lose data says so here
 */
public record Option(
        String name,
        Type type,
        String defaultValue,
        String unit,
        long minimum,
        long maximum,
        List<String> choices,
        String help) {

    // ASCII digits only: Long.parseLong would take those of any script
    private static final Pattern NUMBER = Pattern.compile("(-?[0-9]+)(?:\\s*([KMG])iB)?", Pattern.CASE_INSENSITIVE);

    /** How the value of an option is written. */
    public enum Type {
        /** A whole number; sizes may end in KiB, MiB or GiB. */
        NUMBER,
        /** {@code true} or {@code false}. */
        FLAG,
        /** One of a few words. */
        CHOICE,
        /** Any text. */
        TEXT
    }

    /**
     * Checks the name, and copies the choices.
     *
     * @param type how a value is written and read
     * @param defaultValue value if none is configured, written as a user would
     * @param unit unit of a number, empty if it has none
     * @param help one line for operators; an option that can lose data says so here
     * @param name matches {@code [a-z][a-z0-9-]*}; ends in its unit where it has one, as in {@code segment-bytes}
     * @param choices the words allowed where the type is {@link Type#CHOICE}, else empty
     * @param minimum smallest number allowed; 0 where the type is no number
     * @param maximum largest number allowed; 0 where the type is no number
     */
    public Option {
        if (!name.matches("[a-z][a-z0-9-]*")) {
            throw new IllegalArgumentException("option '" + name + "' does not match [a-z][a-z0-9-]*");
        }
        choices = List.copyOf(choices);
    }

    /**
     * A whole number from minimum to maximum, both inclusive.
     *
     * @param name matches {@code [a-z][a-z0-9-]*}
     * @param defaultValue value if none is configured
     * @param unit such as {@code bytes}, empty if it has none
     * @param minimum smallest number allowed
     * @param maximum largest number allowed
     * @param help one line for operators; an option that can lose data says so here
     * @return the option
     */
    public static Option number(String name, long defaultValue, String unit, long minimum, long maximum, String help) {
        return new Option(name, Type.NUMBER, Long.toString(defaultValue), unit, minimum, maximum, List.of(), help);
    }

    /**
     * {@code true} or {@code false}; the default is given as text so that a call reads without a bare boolean.
     *
     * @param name matches {@code [a-z][a-z0-9-]*}
     * @param defaultValue value if none is configured
     * @param help one line for operators; an option that can lose data says so here
     * @return the option
     */
    public static Option flag(String name, String defaultValue, String help) {
        return new Option(name, Type.FLAG, defaultValue, "", 0, 0, List.of(), help);
    }

    /**
     * One of a few words.
     *
     * @param name matches {@code [a-z][a-z0-9-]*}
     * @param defaultValue value if none is configured
     * @param choices the words allowed
     * @param help one line for operators; an option that can lose data says so here
     * @return the option
     */
    public static Option choice(String name, String defaultValue, List<String> choices, String help) {
        return new Option(name, Type.CHOICE, defaultValue, "", 0, 0, choices, help);
    }

    /**
     * Any text.
     *
     * @param name matches {@code [a-z][a-z0-9-]*}
     * @param defaultValue value if none is configured
     * @param help one line for operators; an option that can lose data says so here
     * @return the option
     */
    public static Option text(String name, String defaultValue, String help) {
        return new Option(name, Type.TEXT, defaultValue, "", 0, 0, List.of(), help);
    }

    /**
     * Reads a value as a user writes it.
     *
     * @param value what was configured
     * @return the value as {@link Options} keeps it: without blanks around it, a size as a plain number of bytes
     * @throws IllegalArgumentException if the value does not fit; the message says what to write instead, to follow
     *     words such as "must be"
     */
    public String read(String value) {
        String stripped = value.strip();
        boolean fits = switch (type) {
            case NUMBER -> true;
            case FLAG -> stripped.equals("true") || stripped.equals("false");
            case CHOICE -> choices.contains(stripped);
            case TEXT -> true;
        };
        if (!fits) {
            throw new IllegalArgumentException(expected());
        }
        return type == Type.NUMBER ? Long.toString(number(stripped)) : stripped;
    }

    private long number(String value) {
        Matcher matcher = NUMBER.matcher(value);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(expected());
        }
        long number;
        try {
            number = Math.multiplyExact(Long.parseLong(matcher.group(1)), multiplier(matcher.group(2)));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(expected(), e);
        }
        if (number < minimum || number > maximum) {
            throw new IllegalArgumentException(expected());
        }
        return number;
    }

    private static long multiplier(@Nullable String prefix) {
        return prefix == null ? 1 : 1L << (10 * (1 + "KMG".indexOf(prefix.toUpperCase(Locale.ROOT))));
    }

    private String expected() {
        return switch (type) {
            case NUMBER ->
                "a whole number from " + minimum + " to " + maximum
                        + (unit.isEmpty() ? "" : " " + unit)
                        + (unit.equals("bytes") ? " (KiB, MiB or GiB may follow)" : "") + ": " + help;
            case FLAG -> "'true' or 'false': " + help;
            case CHOICE -> "one of " + String.join(", ", choices) + ": " + help;
            case TEXT -> "text: " + help;
        };
    }
}
