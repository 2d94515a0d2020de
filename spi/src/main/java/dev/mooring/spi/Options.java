// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.util.LinkedHashMap;
import java.util.List;
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
     * @return a value for every declared option
     * @throws StorageException.Refused if a name is unknown or a value does not fit, saying what to write
     */
    public static Options of(String backend, List<Option> declared, Map<String, String> configured)
            throws StorageException {
        Map<String, String> values = new LinkedHashMap<>();
        for (Option option : declared) {
            values.put(option.name(), read(backend, option, configured));
        }
        for (String name : configured.keySet()) {
            if (!values.containsKey(name)) {
                throw new StorageException.Refused("Backend '" + backend + "' has no option '" + name + "' (mooring."
                        + backend + "." + name + "). " + known(declared));
            }
        }
        return new Options(values);
    }

    /**
     * {@return value of an option of type {@link Option.Type#NUMBER}}
     *
     * @param name one of the declared options
     */
    public long number(String name) {
        return Long.parseLong(text(name));
    }

    /**
     * {@return value of an option of type {@link Option.Type#FLAG}}
     *
     * @param name one of the declared options
     */
    public boolean flag(String name) {
        return Boolean.parseBoolean(text(name));
    }

    /**
     * {@return value of an option of type {@link Option.Type#TEXT} or {@link Option.Type#CHOICE}}
     *
     * @param name one of the declared options
     */
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

    private static String read(String backend, Option option, Map<String, String> configured) throws StorageException {
        String value = configured.get(option.name());
        try {
            return option.read(value == null ? option.defaultValue() : value);
        } catch (IllegalArgumentException e) {
            String key = "mooring." + backend + "." + option.name();
            throw new StorageException.Refused(
                    value == null
                            ? "Backend '" + backend + "' declares the default '" + option.defaultValue() + "' for "
                                    + key
                                    + ", but it must be " + e.getMessage() + ". Set the option, and report this to the"
                                    + " backend's authors."
                            : key + " is '" + value + "', but must be " + e.getMessage(),
                    e);
        }
    }

    private static String known(List<Option> declared) {
        return declared.isEmpty()
                ? "It has no options at all; remove the line."
                : "It knows: " + declared.stream().map(Option::name).sorted().collect(Collectors.joining(", ")) + ".";
    }
}
