// SPDX-License-Identifier: Apache-2.0
package dev.mooring.discovery;

import dev.mooring.settings.CoreKey;
import dev.mooring.settings.Quoting;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.Spliterator;
import org.jspecify.annotations.Nullable;

/** One search for providers with {@link ServiceLoader}. */
public final class Discovery {

    // ServiceLoader skips what it cannot load, but not always: where it cannot even list its files it fails for ever.
    private static final int MAX_ERRORS_PER_LOADER = 1000;

    private final List<InstalledProvider> installed = new ArrayList<>();
    private final List<BrokenProvider> broken = new ArrayList<>();
    private final Set<Class<?>> seen = new HashSet<>();
    private final Set<String> namesSeen = new HashSet<>();

    private Discovery() {}

    /** Searches the context class loader of this thread, then the class loader of Mooring itself. */
    public static Found search() {
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        addIfPresent(loaders, Thread.currentThread().getContextClassLoader());
        addIfPresent(loaders, StorageProvider.class.getClassLoader());
        return search(loaders);
    }

    private static void addIfPresent(Set<ClassLoader> loaders, @Nullable ClassLoader loader) {
        if (loader != null) {
            loaders.add(loader);
        }
    }

    static Found search(Iterable<ClassLoader> loaders) {
        Discovery discovery = new Discovery();
        loaders.forEach(discovery::searchIn);
        discovery.installed.sort(Comparator.comparing(InstalledProvider::name)
                .thenComparing(provider -> String.valueOf(provider.jar())));
        discovery.broken.sort(Comparator.comparing(BrokenProvider::provider)
                .thenComparing(provider -> String.valueOf(provider.jar())));
        return new Found(discovery.installed, discovery.broken);
    }

    /**
     * A provider that the program gave, as if it had been found.
     *
     * @throws StorageException.Refused if its name cannot be used
     */
    public static InstalledProvider given(StorageProvider provider) throws StorageException {
        Class<?> type = provider.getClass();
        try {
            String name = checkedName(provider);
            return new InstalledProvider(name, provider, Jars.of(type), Jars.version(type), List.of());
        } catch (RuntimeException e) {
            throw new StorageException.Refused("The provider " + type.getName() + " cannot be used: " + e, e);
        }
    }

    private void searchIn(ClassLoader loader) {
        Registrations registrations = Registrations.visibleTo(loader);
        Spliterator<ServiceLoader.Provider<StorageProvider>> providers =
                ServiceLoader.load(StorageProvider.class, loader).stream().spliterator();
        Set<String> errors = new HashSet<>();
        boolean more = true;
        while (more && errors.size() < MAX_ERRORS_PER_LOADER) {
            try {
                more = providers.tryAdvance(provider -> take(provider, loader));
            } catch (ServiceConfigurationError e) {
                more = errors.add(String.valueOf(e.getMessage())); // each entry is tried once; again means no progress
                report(registrations.blame(e, namesSeen));
            } catch (LinkageError | RuntimeException e) { // a class file that cannot be linked, a jar signed wrongly
                more = errors.add("error " + errors.size());
                report(registrations.blame(e, namesSeen));
            }
        }
    }

    private void take(ServiceLoader.Provider<StorageProvider> candidate, ClassLoader loader) {
        Class<? extends StorageProvider> type = candidate.type();
        if (!seen.add(type)) {
            return;
        }
        try {
            StorageProvider provider = candidate.get();
            add(provider, checkedName(provider), loader);
        } catch (ServiceConfigurationError e) {
            report(new BrokenProvider(type.getName(), Jars.of(type), e.getCause() == null ? e : e.getCause()));
        } catch (OutOfMemoryError e) {
            throw e; // says nothing about the provider
        } catch (Exception | Error e) {
            report(new BrokenProvider(type.getName(), Jars.of(type), e));
        }
        namesSeen.add(type.getName());
    }

    private void add(StorageProvider provider, String name, ClassLoader loader) {
        Class<?> type = provider.getClass();
        String jar = Jars.of(type);
        for (InstalledProvider other : installed) {
            // two class loaders that load one jar: one backend
            if (other.provider().getClass().getName().equals(type.getName()) && Objects.equals(other.jar(), jar)) {
                return;
            }
        }
        List<String> others = List.copyOf(Jars.alsoHolding(type, loader));
        installed.add(new InstalledProvider(name, provider, jar, Jars.version(type), others));
    }

    private static String checkedName(StorageProvider provider) {
        String name = provider.name();
        if (name == null || !name.matches("[a-z][a-z0-9-]*")) {
            throw new IllegalStateException("its name is " + (name == null ? "null" : Quoting.quote(name))
                    + ", but must match [a-z][a-z0-9-]*");
        }
        if (CoreKey.isReserved(name)) {
            throw new IllegalStateException(
                    "its name is '" + name + "', but mooring." + name + ".* are Mooring's own keys");
        }
        return name;
    }

    private void report(BrokenProvider provider) {
        for (BrokenProvider other : broken) {
            if (other.provider().equals(provider.provider()) && Objects.equals(other.jar(), provider.jar())) {
                return;
            }
        }
        broken.add(provider);
    }
}
