// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that was configured, each value with its origin. Immutable. Nothing is checked when it is put together, so
 * that a later layer may mend an earlier one; each value is checked when it is read, and all of them by {@link #check}.
 */
public final class Settings {

    private final SortedMap<String, Setting> byKey;
    private final SortedMap<String, String>
            variables; // those that name no key of the core: perhaps a backend's options

    private Settings(SortedMap<String, Setting> byKey, SortedMap<String, String> variables) {
        this.byKey = Collections.unmodifiableSortedMap(byKey);
        this.variables = Collections.unmodifiableSortedMap(variables);
    }

    /** Exactly these properties, set by the program. */
    public static Settings of(Map<String, String> properties) {
        SortedMap<String, Setting> byKey = new TreeMap<>();
        properties.forEach((key, value) -> byKey.put(key, new Setting(key, value, Origin.PROGRAM)));
        return new Settings(byKey, new TreeMap<>());
    }

    /** The properties of a file, overridden by the environment, overridden by the system properties. */
    public static Settings load(Path file, Map<String, String> environment, Map<String, String> systemProperties)
            throws IOException {
        return layered(PropertiesFile.read(file), environment, systemProperties);
    }

    /** The environment, overridden by the system properties. */
    public static Settings fromEnvironment(Map<String, String> environment, Map<String, String> systemProperties) {
        return layered(List.of(), environment, systemProperties);
    }

    private static Settings layered(
            List<Setting> weakest, Map<String, String> environment, Map<String, String> systemProperties) {
        SortedMap<String, Setting> byKey = new TreeMap<>();
        for (Setting setting : weakest) {
            if (concernsMooring(setting.key())) {
                byKey.put(setting.key(), setting);
            }
        }
        SortedMap<String, String> variables = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(CoreKey.VARIABLE_PREFIX)) {
                variables.put(name, value);
            }
        });
        for (CoreKey key : CoreKey.values()) {
            String value = variables.remove(key.variable());
            if (value != null) {
                byKey.put(key.key(), new Setting(key.key(), value, Origin.variable(key.variable())));
            }
        }
        systemProperties.forEach((name, value) -> {
            if (name.startsWith(CoreKey.PREFIX)) {
                byKey.put(name, new Setting(name, value, Origin.systemProperty(name)));
            }
        });
        return new Settings(byKey, variables);
    }

    // A file may hold the properties of a whole application. What is not ours is left alone, unless it is a slip of
    // ours.
    private static boolean concernsMooring(String key) {
        return key.startsWith(CoreKey.PREFIX) || Spelling.slipOf(key, CoreKey.keys()) != null;
    }

    /** These settings and one more, which overrides all layers. */
    public Settings with(String key, String value) {
        SortedMap<String, Setting> changed = new TreeMap<>(byKey);
        changed.put(key, new Setting(key, value, Origin.PROGRAM));
        return new Settings(changed, variables);
    }

    /** These settings without one key of the core. */
    public Settings without(CoreKey key) {
        SortedMap<String, Setting> changed = new TreeMap<>(byKey);
        changed.remove(key.key());
        return new Settings(changed, variables);
    }

    /** What was configured; null if nothing was. */
    public @Nullable Setting get(CoreKey key) {
        return byKey.get(key.key());
    }

    /** The value of a key, checked, or its default. Words are in lower case, with dashes. */
    public String text(CoreKey key) throws StorageException {
        Setting setting = get(key);
        if (setting == null) {
            return key.option().defaultValue();
        }
        if (setting.value().isBlank()) {
            throw new StorageException.Refused(setting.described() + "; write " + key.key()
                    + "=<value>, or remove it. It is " + key.option().help());
        }
        return setting.read(key.option());
    }

    /** Which value a key has, and where that comes from; a sentence. */
    public String described(CoreKey key) {
        Setting setting = get(key);
        return setting == null
                ? key.key() + " is " + key.option().defaultValue() + " (the default)"
                : setting.described();
    }

    /** The value of a key that is a number, checked, or its default. */
    public long number(CoreKey key) throws StorageException {
        return Long.parseLong(text(key));
    }

    /**
     * Checks that every key of the core is known and has a value that fits, whether it will be read or not.
     *
     * @param installed names of the backends found, whose options are never taken for slips
     */
    public void check(Collection<String> installed) throws StorageException {
        for (Setting setting : byKey.values()) {
            if (CoreKey.ofKey(setting.key()) == null && !BackendOptions.isOption(setting.key())) {
                throw unknown(setting, meant(setting.key()));
            }
        }
        for (String variable : variables.keySet()) {
            refuseSlip(variable, installed);
        }
        for (CoreKey key : CoreKey.values()) {
            if (get(key) != null) {
                text(key);
            }
        }
    }

    private static @Nullable String meant(String key) {
        if (key.startsWith(CoreKey.PREFIX)) {
            String nearest = Spelling.nearest(key.substring(CoreKey.PREFIX.length()), CoreKey.names());
            return nearest == null ? null : CoreKey.PREFIX + nearest;
        }
        String slip = Spelling.slipOf(key, CoreKey.keys());
        if (slip != null) {
            return slip;
        }
        String prefixed = CoreKey.PREFIX + key;
        return BackendOptions.isOption(prefixed) ? prefixed : Spelling.slipOf(prefixed, CoreKey.keys());
    }

    // The environment is shared with others: the launcher has MOORING_HOME, and Kubernetes adds MOORING_SERVICE_HOST
    // for
    // a service of that name. So only a slip is refused.
    private static void refuseSlip(String variable, Collection<String> installed) throws StorageException {
        for (String backend : installed) {
            if (variable.startsWith(CoreKey.variable(CoreKey.PREFIX + backend + "."))) {
                return;
            }
        }
        List<String> known = new ArrayList<>();
        for (CoreKey key : CoreKey.values()) {
            known.add(key.variable().substring(CoreKey.VARIABLE_PREFIX.length()));
        }
        String slip = Spelling.slipOf(variable.substring(CoreKey.VARIABLE_PREFIX.length()), known);
        if (slip != null) {
            throw new StorageException.Refused("There is no environment variable " + Quoting.escape(variable)
                    + " in Mooring. Did you mean " + CoreKey.VARIABLE_PREFIX + slip + "? Rename it, or unset it.");
        }
    }

    static StorageException unknown(Setting setting, @Nullable String meant) {
        String remedy;
        if (meant == null) {
            remedy = "Remove it. Known are " + String.join(", ", CoreKey.keys())
                    + ", and the options of backends, mooring.<backend>.<option>.";
        } else if (CoreKey.ofKey(meant) == null) {
            remedy = "Did you mean " + meant + "? Rename it, or remove it."; // an option's value may be a secret
        } else {
            remedy = "Did you mean " + meant + "? Write " + meant + "=" + Quoting.escape(setting.value())
                    + ", or remove it.";
        }
        return new StorageException.Refused(
                "There is no property " + Quoting.escape(setting.key()) + " (" + setting.origin() + "). " + remedy);
    }

    SortedMap<String, Setting> byKey() {
        return byKey;
    }

    SortedMap<String, String> variables() {
        return variables;
    }

    /** The keys that are set and where; no values, for an option may be a secret. */
    @Override
    public String toString() {
        List<String> shown = new ArrayList<>();
        byKey.values().forEach(setting -> shown.add(Quoting.escape(setting.key()) + " (" + setting.origin() + ")"));
        return String.join(", ", shown);
    }
}
