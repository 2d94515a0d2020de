// SPDX-License-Identifier: Apache-2.0
package dev.mooring.discovery;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Enumeration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Says which jar, or directory of classes, something comes from. */
final class Jars {

    // a class never moves, and every storage that is opened asks for its backend's
    private static final ClassValue<Optional<String>> LOCATIONS = new ClassValue<>() {
        @Override
        protected Optional<String> computeValue(Class<?> type) {
            CodeSource source = type.getProtectionDomain().getCodeSource();
            return Optional.ofNullable(source)
                    .map(CodeSource::getLocation)
                    .map(location -> readable(location.toString()));
        }
    };

    private Jars() {}

    static @Nullable String of(Class<?> type) {
        return LOCATIONS.get(type).orElse(null);
    }

    /** The other jars in which the class loader sees a class of this name, beside the one it takes it from. */
    static Set<String> alsoHolding(Class<?> type, ClassLoader loader) {
        String resource = type.getName().replace('.', '/') + ".class";
        Set<String> jars = new TreeSet<>();
        URL taken = loader.getResource(resource);
        try {
            Enumeration<URL> urls = loader.getResources(resource);
            while (urls.hasMoreElements()) {
                jars.add(of(urls.nextElement(), resource));
            }
        } catch (IOException e) {
            return Set.of(); // a jar that cannot be read cannot give us a class either
        }
        String own = of(type);
        if (own != null && jars.remove(own)) {
            return jars;
        }
        if (taken != null) {
            jars.remove(of(taken, resource));
        }
        return jars;
    }

    /** The jar that holds a resource of this name at this address. */
    static String of(URL url, String resource) {
        String address = url.toString();
        String container =
                address.endsWith(resource) ? address.substring(0, address.length() - resource.length()) : address;
        return readable(container);
    }

    static @Nullable String version(Class<?> type) {
        String version = type.getPackage().getImplementationVersion();
        if (version == null) {
            ModuleDescriptor module = type.getModule().getDescriptor();
            version = module == null ? null : module.rawVersion().orElse(null);
        }
        return version;
    }

    // A plain path where the address is one; without links and dots, so that one jar has one name.
    private static String readable(String url) {
        String address = url;
        if (address.startsWith("jar:") && address.endsWith("!/")) {
            address = address.substring("jar:".length(), address.length() - "!/".length());
        }
        if (!address.startsWith("file:")) {
            return address;
        }
        try {
            Path path = Path.of(new URI(address));
            try {
                return path.toRealPath().toString();
            } catch (IOException e) {
                return path.toAbsolutePath().normalize().toString();
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            return address;
        }
    }
}
