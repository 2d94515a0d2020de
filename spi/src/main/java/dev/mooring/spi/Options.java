// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Values for all options of a backend, checked against their types and bounds. Immutable. */
public final class Options {

    private final Map<String, String> values;

    private Options(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Checks what was configured and fills in the defaults.
     *
     * @param backend name of the backend, for messages
     * @param declared what the backend understands
     * @param configured value by option name
     * @throws StorageException.Refused if a name is unknown or a value does not fit, saying what to write
     */
    public static Options of(String backend, List<Option> declared, Map<String, String> configured)
            throws StorageException {
        Map<String, String> values = new LinkedHashMap<>();
        for (Option option : declared) {
            String value = configured.getOrDefault(option.name(), option.defaultValue());
            values.put(option.name(), normalise(backend, option, value.trim()));
        }
        for (String name : configured.keySet()) {
            if (!values.containsKey(name)) {
                throw new StorageException.Refused("Backend '" + backend + "' has no option '" + name + "' (mooring."
                        + backend + "." + name + "). " + known(declared));
            }
        }
        return new Options(values);
    }

    /** Value of an option of type {@link Option.Type#NUMBER}. */
    public long number(String name) {
        return Long.parseLong(text(name));
    }

    /** Value of an option of type {@link Option.Type#FLAG}. */
    public boolean flag(String name) {
        return Boolean.parseBoolean(text(name));
    }

    /** Value of an option of type {@link Option.Type#TEXT} or {@link Option.Type#CHOICE}. */
    public String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("option '" + name + "' was not declared by the provider");
        }
        return value;
    }

    @Override
    public String toString() {
        return values.toString();
    }

    private static String normalise(String backend, Option option, String value) throws StorageException {
        switch (option.type()) {
            case NUMBER -> {
                long number;
                try {
                    number = parseNumber(value);
                } catch (NumberFormatException | ArithmeticException e) {
                    throw refused(backend, option, value, "a whole number" + bounds(option));
                }
                if (number < option.minimum() || number > option.maximum()) {
                    throw refused(backend, option, value, "a whole number" + bounds(option));
                }
                return Long.toString(number);
            }
            case FLAG -> {
                if (!value.equals("true") && !value.equals("false")) {
                    throw refused(backend, option, value, "'true' or 'false'");
                }
                return value;
            }
            case CHOICE -> {
                if (!option.choices().contains(value)) {
                    throw refused(backend, option, value, "one of " + String.join(", ", option.choices()));
                }
                return value;
            }
            case TEXT -> {
                return value;
            }
        }
        throw new AssertionError(option.type());
    }

    /** Reads a whole number, which may end in KiB, MiB or GiB in any case. */
    private static long parseNumber(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        int shift = lower.endsWith("kib") ? 10 : lower.endsWith("mib") ? 20 : lower.endsWith("gib") ? 30 : 0;
        String digits =
                shift == 0 ? value : value.substring(0, value.length() - 3).trim();
        return Math.multiplyExact(Long.parseLong(digits), 1L << shift);
    }

    private static StorageException refused(String backend, Option option, String value, String expected) {
        return new StorageException.Refused("mooring." + backend + "." + option.name() + " is '" + value
                + "', but must be " + expected + ": " + option.help());
    }

    private static String bounds(Option option) {
        String unit = option.unit().isEmpty() ? "" : " " + option.unit();
        return " from " + option.minimum() + " to " + option.maximum() + unit;
    }

    private static String known(List<Option> declared) {
        return declared.isEmpty()
                ? "It has no options at all; remove the line."
                : "It knows: " + declared.stream().map(Option::name).sorted().collect(Collectors.joining(", ")) + ".";
    }
}
