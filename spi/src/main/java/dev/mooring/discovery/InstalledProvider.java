// SPDX-License-Identifier: Apache-2.0
package dev.mooring.discovery;

import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A provider that was found and can be used.
 *
 * @param name name of its backend
 * @param provider the provider itself
 * @param jar jar or directory its class comes from; null if the JVM does not tell
 * @param version version of that jar; null if it carries none
 * @param alsoIn other jars that hold a class of the same name, of which only the order of jars decides which one is used
 */
public record InstalledProvider(
        String name,
        StorageProvider provider,
        @Nullable String jar,
        @Nullable String version,
        List<String> alsoIn) {

    public InstalledProvider {
        alsoIn = List.copyOf(alsoIn);
    }

    /** The provider's class, its version and jar, as an operator looks for them. */
    public String described() {
        return provider.getClass().getName() + (version == null ? "" : " " + version) + " in "
                + (jar == null ? "an unknown place" : jar);
    }

    /**
     * The options that the provider declares.
     *
     * @throws StorageException.Refused if it fails, or declares one twice
     */
    public List<Option> options() throws StorageException {
        List<Option> options = ask("options()", () -> List.copyOf(provider.options()));
        Set<String> names = new HashSet<>();
        for (Option option : options) {
            if (!names.add(option.name())) {
                throw new StorageException.Refused("Backend '" + name + "' (" + described() + ") declares the option '"
                        + option.name() + "' twice; report this to its authors");
            }
        }
        return options;
    }

    /**
     * What the provider gives with these options.
     *
     * @throws StorageException.Refused if it fails
     */
    public Guarantees guarantees(Options options) throws StorageException {
        return ask("guarantees()", () -> {
            Guarantees guarantees = provider.guarantees(options);
            Objects.requireNonNull(guarantees.durability());
            return guarantees;
        });
    }

    private <T> T ask(String question, Supplier<T> answer) throws StorageException {
        try {
            return answer.get();
        } catch (RuntimeException | LinkageError e) {
            throw new StorageException.Refused(
                    "Backend '" + name + "' (" + described() + ") failed when asked for its " + question + ": " + e
                            + ". Its jar, or one that it needs, is missing something or is of the wrong version",
                    e);
        }
    }
}
