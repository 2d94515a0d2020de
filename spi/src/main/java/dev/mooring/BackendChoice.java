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

    private final Settings settings;
    private final Found found;
    private final @Nullable InstalledProvider given;

    private BackendChoice(Settings settings, Found found, @Nullable InstalledProvider given) {
        this.settings = settings;
        this.found = found;
        this.given = given;
    }

    /**
     * The choice among all backends installed.
     *
     * @param given what the program chose, and then there is no other; null: found by name
     */
    static BackendChoice among(Settings settings, @Nullable StorageProvider given) throws StorageException {
        if (given == null) {
            return new BackendChoice(settings, Discovery.search(), null);
        }
        InstalledProvider only = Discovery.given(given);
        return new BackendChoice(settings, new Found(List.of(only), List.of()), only);
    }

    /** Names of all backends installed. */
    List<String> installed() {
        return found.names();
    }

    /**
     * Chooses one.
     *
     * @param demanded the least durability that will do
     */
    ChosenBackend choose(Durability demanded) throws StorageException {
        InstalledProvider chosen = chosen();
        Options options = BackendOptions.read(settings, chosen.name(), chosen.options(), installed());
        Guarantees guarantees = chosen.guarantees(options);
        if (guarantees.durability().compareTo(demanded) < 0) {
            throw tooWeak(chosen, options, guarantees.durability(), demanded, settings.get(CoreKey.DURABILITY));
        }
        return new ChosenBackend(chosen.name(), chosen.provider(), options, guarantees, chosen.described());
    }

    private InstalledProvider chosen() throws StorageException {
        Setting configured = settings.get(CoreKey.BACKEND);
        if (given == null) {
            return Selection.choose(found, configured);
        }
        if (configured != null && !configured.value().strip().equals(given.name())) {
            throw configured.mustBe("'" + given.name() + "' or absent, because the program chose that backend ("
                    + given.described() + ")");
        }
        return given;
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
