// SPDX-License-Identifier: Apache-2.0
package dev.mooring.discovery;

import dev.mooring.settings.Quoting;
import dev.mooring.settings.Setting;
import dev.mooring.settings.Spelling;
import dev.mooring.spi.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Chooses one of the providers found: by its name, or because there is no other. Never by the order they were found in. */
public final class Selection {

    private static final System.Logger LOGGER = System.getLogger("dev.mooring");

    private final Found found;
    private final @Nullable Setting backend;

    private Selection(Found found, @Nullable Setting backend) {
        this.found = found;
        this.backend = backend;
    }

    /**
     * Chooses a provider.
     *
     * @param backend what {@code mooring.backend} says; null if it is not set
     * @throws StorageException.Refused unless exactly one fits; says what was found, in which jars, and what to write
     */
    public static InstalledProvider choose(Found found, @Nullable Setting backend) throws StorageException {
        return new Selection(found, backend).choose();
    }

    private InstalledProvider choose() throws StorageException {
        String name = backend == null ? onlyName() : backend.value().strip();
        List<InstalledProvider> named =
                found.installed().stream().filter(p -> p.name().equals(name)).toList();
        if (named.isEmpty()) {
            throw unknown(name);
        }
        if (named.size() > 1 || !named.get(0).alsoIn().isEmpty()) {
            throw ambiguous(name, named);
        }
        found.broken()
                .forEach(provider -> LOGGER.log(
                        System.Logger.Level.WARNING,
                        "A storage backend is on the class path but cannot be used: " + provider.described(),
                        provider.cause()));
        return named.get(0);
    }

    private String onlyName() throws StorageException {
        List<String> names = found.names();
        if (names.size() == 1) {
            return names.get(0);
        }
        if (names.isEmpty()) {
            throw refused("mooring.backend is not set. " + nothingFound());
        }
        throw refused("mooring.backend is not set, and " + names.size() + " backends are installed: " + listing()
                + ". Write one of these lines: "
                + lines() + "." + alsoBroken());
    }

    private StorageException unknown(String name) {
        String asked = "There is no usable backend " + Quoting.quote(name)
                + (backend == null ? "" : ", which mooring.backend names (" + backend.origin() + ")") + ". ";
        List<BrokenProvider> suspects =
                found.broken().stream().filter(p -> p.isProbably(name)).toList();
        if (!suspects.isEmpty()) {
            return refused(asked + "Its provider is probably one that is registered, but cannot be used: "
                    + described(suspects) + ". Mend that jar, or add what it needs"
                    + (found.installed().isEmpty() ? "." : ". Other backends: " + listing() + "."));
        }
        if (found.installed().isEmpty()) {
            return refused(asked + nothingFound());
        }
        String nearest = Spelling.nearest(name, found.names());
        String remedy = nearest != null
                ? "Did you mean " + line(nearest) + "?"
                : "Put its jar on the class path, or write " + lines() + ".";
        return refused(asked + "Found: " + listing() + ". " + remedy + alsoBroken());
    }

    private StorageException ambiguous(String name, List<InstalledProvider> named) {
        List<String> places = new ArrayList<>();
        for (InstalledProvider provider : named) {
            places.add(provider.described());
            provider.alsoIn().forEach(jar -> places.add("the same class in " + jar));
        }
        return refused("Backend '" + name + "' is installed " + places.size() + " times: " + String.join("; ", places)
                + ". Which one opens the directory must not depend on the order of jars: remove all but one from the class"
                + " path, and keep " + line(name) + "." + alsoBroken());
    }

    private String nothingFound() {
        if (found.broken().isEmpty()) {
            return "No backend is installed. Put the jar of one on the class path, for instance mooring-backend-files, and"
                    + " write mooring.backend=files.";
        }
        return "No backend that can be used is installed." + alsoBroken();
    }

    private String listing() {
        return found.installed().stream()
                .map(provider -> provider.name() + " (" + provider.described() + ")")
                .collect(Collectors.joining(", "));
    }

    private String alsoBroken() {
        if (found.broken().isEmpty()) {
            return "";
        }
        return " Registered, but cannot be used: " + described(found.broken()) + ". Mend or remove "
                + (found.broken().size() == 1 ? "that jar." : "those jars.");
    }

    private StorageException refused(String message) {
        StorageException.Refused refused = found.broken().isEmpty()
                ? new StorageException.Refused(message)
                : new StorageException.Refused(message, found.broken().get(0).cause());
        found.broken().stream().skip(1).forEach(provider -> refused.addSuppressed(provider.cause()));
        return refused;
    }

    private String lines() {
        return found.names().stream().map(Selection::line).collect(Collectors.joining(" or "));
    }

    private static String described(List<BrokenProvider> providers) {
        return providers.stream().map(BrokenProvider::described).collect(Collectors.joining("; "));
    }

    private static String line(String name) {
        return "mooring.backend=" + name;
    }
}
