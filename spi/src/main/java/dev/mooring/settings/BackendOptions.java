// SPDX-License-Identifier: Apache-2.0
package dev.mooring.settings;

import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Picks the options of the chosen backend out of the settings. Those of other backends are left alone, installed or not,
 * so that one file can serve several.
 */
public final class BackendOptions {

    private static final Pattern OPTION_KEY = Pattern.compile("mooring\\.([a-z][a-z0-9-]*)\\.(.*)", Pattern.DOTALL);

    // What Kubernetes and Docker put into every container for a service named "mooring-<backend>".
    private static final Pattern SERVICE_LINK =
            Pattern.compile("SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");

    private final Settings settings;
    private final String backend;
    private final Map<String, Option> declared = new LinkedHashMap<>();
    private final Collection<String> installed;
    private final Map<String, Setting> found = new LinkedHashMap<>(); // by option name

    private BackendOptions(Settings settings, String backend, List<Option> declared, Collection<String> installed) {
        this.settings = settings;
        this.backend = backend;
        declared.forEach(option -> this.declared.put(option.name(), option));
        this.installed = installed;
    }

    /** Whether the property is of the form {@code mooring.<backend>.<option>}, and not in a section of the core's own. */
    static boolean isOption(String key) {
        var matcher = OPTION_KEY.matcher(key);
        return matcher.matches() && !CoreKey.isReserved(matcher.group(1));
    }

    /**
     * The options of a backend, checked and complete.
     *
     * @param backend name of the chosen backend
     * @param declared what it understands
     * @param installed names of all backends found
     * @throws StorageException.Refused if an option is unknown or its value does not fit, with origin and what to write
     */
    public static Options read(Settings settings, String backend, List<Option> declared, Collection<String> installed)
            throws StorageException {
        BackendOptions options = new BackendOptions(settings, backend, declared, installed);
        options.takeProperties();
        options.takeVariables();
        return options.checked();
    }

    private void takeProperties() throws StorageException {
        for (Setting setting : settings.byKey().values()) {
            var matcher = OPTION_KEY.matcher(setting.key());
            if (!matcher.matches() || CoreKey.ofKey(setting.key()) != null) {
                continue;
            }
            String owner = matcher.group(1);
            String option = matcher.group(2);
            if (!owner.equals(backend)) {
                refuseSlip(setting, owner, option);
            } else if (declared.containsKey(option)) {
                found.put(option, setting);
            } else {
                throw unknown(setting.key(), option, setting.origin());
            }
        }
    }

    // An option left alone by mistake would be a default in force where another value was asked for.
    private void refuseSlip(Setting setting, String owner, String option) throws StorageException {
        if (installed.contains(owner)) {
            return;
        }
        String core = Spelling.slipOf(setting.key(), CoreKey.keys());
        if (core != null) {
            throw Settings.unknown(setting, core);
        }
        if (declared.containsKey(option) && Spelling.slipOf(owner, List.of(backend)) != null) {
            throw Settings.unknown(setting, key(option));
        }
    }

    private void takeVariables() throws StorageException {
        String prefix = CoreKey.variable(CoreKey.PREFIX + backend + ".");
        Map<String, String> optionOfVariable = new LinkedHashMap<>();
        declared.keySet().forEach(option -> optionOfVariable.put(CoreKey.variable(key(option)), option));
        for (Map.Entry<String, String> variable : settings.variables().entrySet()) {
            String name = variable.getKey();
            Origin origin = Origin.variable(name);
            String option = optionOfVariable.get(name);
            if (option != null) {
                found.merge(option, new Setting(key(option), variable.getValue(), origin), BackendOptions::stronger);
            } else if (name.startsWith(prefix) && !isForeign(name, prefix)) {
                throw unknown(name, name.substring(prefix.length()), origin);
            }
        }
    }

    private boolean isForeign(String variable, String prefix) {
        return SERVICE_LINK.matcher(variable.substring(prefix.length())).matches()
                || installed.stream()
                        .filter(other -> other.startsWith(backend + "-"))
                        .anyMatch(other -> variable.startsWith(CoreKey.variable(CoreKey.PREFIX + other + ".")));
    }

    private static Setting stronger(Setting one, Setting other) {
        return one.origin().layer().compareTo(other.origin().layer()) > 0 ? one : other;
    }

    private Options checked() throws StorageException {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, Setting> entry : found.entrySet()) {
            Option option = declared.get(entry.getKey());
            if (option != null) {
                values.put(option.name(), entry.getValue().read(option));
            }
        }
        return Options.of(backend, List.copyOf(declared.values()), values);
    }

    private StorageException unknown(String written, String option, Origin origin) {
        return new StorageException.Refused(
                "Backend '" + backend + "' has no option " + Quoting.quote(option) + ": " + Quoting.escape(written)
                        + " (" + origin + "). " + remedy(Spelling.nearest(option, declared.keySet())));
    }

    private String remedy(@Nullable String meant) {
        if (meant != null) {
            return "Did you mean " + key(meant) + "?";
        }
        return declared.isEmpty()
                ? "It has no options at all; remove it."
                : "Remove it; known are "
                        + String.join(
                                ", ",
                                declared.keySet().stream()
                                        .map(this::key)
                                        .sorted()
                                        .toList())
                        + ".";
    }

    private String key(String option) {
        return CoreKey.PREFIX + backend + "." + option;
    }
}
