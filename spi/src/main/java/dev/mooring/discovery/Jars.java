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
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Says which jar, or directory of classes, something comes from. */
final class Jars {

    private Jars() {}

    static @Nullable String of(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        return location == null ? null : readable(location.toString());
    }

    /** All jars in which the class loader sees a class of this name, the one it would take included. */
    static Set<String> holding(Class<?> type, ClassLoader loader) {
        String resource = type.getName().replace('.', '/') + ".class";
        Set<String> jars = new TreeSet<>();
        try {
            Enumeration<URL> urls = loader.getResources(resource);
            while (urls.hasMoreElements()) {
                jars.add(of(urls.nextElement(), resource));
            }
        } catch (IOException e) {
            return jars; // a jar that cannot be read cannot have given us a class
        }
        return jars;
    }

    /** The jar that holds a resource of this name at this address. */
    static String of(URL url, String resource) {
        String address = url.toString();
        String container =
                address.endsWith(resource) ? address.substring(0, address.length() - resource.length()) : address;
        if (container.startsWith("jar:") && container.endsWith("!/")) {
            container = container.substring("jar:".length(), container.length() - "!/".length());
        }
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
    private static String readable(String address) {
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
