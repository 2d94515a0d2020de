// SPDX-License-Identifier: Apache-2.0
package dev.mooring.discovery;

import dev.mooring.spi.StorageProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The class names in the files under {@code META-INF/services}, read only to say which provider and which jar an error of
 * {@link java.util.ServiceLoader} is about; the errors themselves do not always tell.
 */
final class Registrations {

    private static final String FILE = "META-INF/services/" + StorageProvider.class.getName();

    private record Registration(String className, String jar) {}

    private final ClassLoader loader;
    private final List<Registration> registrations = new ArrayList<>();
    private final List<URL> files = new ArrayList<>();

    private Registrations(ClassLoader loader) {
        this.loader = loader;
    }

    static Registrations visibleTo(ClassLoader loader) {
        Registrations all = new Registrations(loader);
        try {
            Enumeration<URL> urls = loader.getResources(FILE);
            while (urls.hasMoreElements()) {
                all.read(urls.nextElement());
            }
        } catch (IOException | RuntimeException e) {
            return all; // ServiceLoader meets the same and reports it
        }
        return all;
    }

    private void read(URL file) {
        files.add(file);
        try {
            URLConnection connection = file.openConnection();
            connection.setUseCaches(false); // a cached jar would stay open
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
                String line;
                while ((line = lines.readLine()) != null) {
                    String name = line.replaceFirst("#.*", "").strip();
                    if (!name.isEmpty()) {
                        registrations.add(new Registration(name, Jars.of(file, FILE)));
                    }
                }
            }
        } catch (IOException e) {
            return; // as above
        }
    }

    /** The provider that an error of {@link java.util.ServiceLoader} is about. */
    BrokenProvider blame(Throwable error, Set<String> names) {
        Throwable cause =
                error instanceof ServiceConfigurationError && error.getCause() != null ? error.getCause() : error;
        String message = String.valueOf(error.getMessage());
        for (Registration registration : registrations) {
            if (!names.contains(registration.className) && isAbout(error, message, registration.className)) {
                return new BrokenProvider(registration.className, registration.jar, cause);
            }
        }
        for (URL file : files) {
            if (message.contains(file.toString())) {
                return new BrokenProvider(FILE, Jars.of(file, FILE), cause);
            }
        }
        return new BrokenProvider("a provider of unknown name", null, cause);
    }

    private boolean isAbout(Throwable error, String message, String className) {
        if (error instanceof ServiceConfigurationError) {
            return Pattern.compile("(?<![\\w.$])" + Pattern.quote(className) + "(?![\\w.$])")
                    .matcher(message)
                    .find();
        }
        Throwable again = failureOf(className);
        return again != null
                && again.getClass() == error.getClass()
                && message.equals(String.valueOf(again.getMessage()));
    }

    // An error that does not name the provider, such as a missing superclass, comes again when the class is loaded
    // anew.
    private @Nullable Throwable failureOf(String className) {
        try {
            Constructor<?> unused = Class.forName(className, false, loader).getConstructor();
            return null;
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            return e;
        }
    }
}
