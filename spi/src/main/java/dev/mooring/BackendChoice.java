// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.discovery.Discovery;
import dev.mooring.discovery.Found;
import dev.mooring.discovery.InstalledProvider;
import dev.mooring.discovery.Selection;
import dev.mooring.settings.BackendOptions;
import dev.mooring.settings.CoreKey;
import dev.mooring.settings.Setting;
import dev.mooring.settings.Settings;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Chooses a backend and checks its options and guarantees. */
final class BackendChoice {

    private BackendChoice() {}

    /**
     * Chooses.
     *
     * @param given what the program chose; null: found by name
     * @param demanded the least durability that will do
     */
    static ChosenBackend choose(Settings settings, @Nullable StorageProvider given, Durability demanded)
            throws StorageException {
        Setting configured = settings.get(CoreKey.BACKEND);
        InstalledProvider chosen;
        List<String> installed;
        if (given == null) {
            Found found = Discovery.search();
            chosen = Selection.choose(found, configured);
            installed = found.names();
        } else {
            chosen = Discovery.given(given);
            installed = List.of(chosen.name());
            if (configured != null && !configured.value().strip().equals(chosen.name())) {
                throw configured.mustBe("'" + chosen.name() + "' or absent, because the program chose that backend ("
                        + chosen.described() + ")");
            }
        }
        Options options = BackendOptions.read(settings, chosen.name(), chosen.options(), installed);
        Guarantees guarantees = chosen.guarantees(options);
        if (guarantees.durability().compareTo(demanded) < 0) {
            throw tooWeak(chosen, options, guarantees.durability(), demanded, settings.get(CoreKey.DURABILITY));
        }
        return new ChosenBackend(chosen.name(), chosen.provider(), options, guarantees, chosen.described());
    }

    private static StorageException tooWeak(
            InstalledProvider chosen,
            Options options,
            Durability given,
            Durability demanded,
            @Nullable Setting configured) {
        return new StorageException.Refused("Backend '" + chosen.name() + "' (" + chosen.described() + ") with options "
                + options + " gives mooring.durability=" + word(given) + ", but "
                + (configured == null
                        ? "mooring.durability=" + word(demanded) + " is asked for, which is the default"
                        : configured.described())
                + ". Choose a backend or options that give it, or write mooring.durability=" + word(given)
                + (given == Durability.VOLATILE
                        ? " if everything may be lost when the process ends."
                        : " if acknowledged entries and votes may be lost when the power fails."));
    }

    private static String word(Durability durability) {
        return durability.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
