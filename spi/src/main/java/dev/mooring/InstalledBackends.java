// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.discovery.Discovery;
import dev.mooring.discovery.Found;
import dev.mooring.spi.StorageProvider;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The backends that a configuration could name, for tools and diagnosis.
 *
 * @param backends those that can be used, in order of names and jars; several of one name are all listed, and none of
 *     them can be chosen
 * @param broken those that are registered but cannot be used
 */
public record InstalledBackends(List<Backend> backends, List<Broken> broken) {

    /**
     * A backend that can be used.
     *
     * @param name its name, as in {@code mooring.backend}
     * @param provider its entry point: options, guarantees
     * @param jar jar or directory of classes it comes from; null if the JVM does not tell
     * @param version version of that jar; null if it carries none
     * @param alsoIn other jars with the same provider class. If there are any, the backend cannot be chosen, for which one
     *     is used would depend on the order of jars
     */
    public record Backend(
            String name,
            StorageProvider provider,
            @Nullable String jar,
            @Nullable String version,
            List<String> alsoIn) {}

    /**
     * A backend that is registered but cannot be used.
     *
     * @param provider name of its provider class, or of the file that registers it
     * @param jar jar or directory it is registered in; null if that cannot be told
     * @param cause why it cannot be used
     */
    public record Broken(String provider, @Nullable String jar, Throwable cause) {}

    /**
     * Both lists are copied.
     *
     * @param backends those that can be used
     * @param broken those that cannot
     */
    public InstalledBackends {
        backends = List.copyOf(backends);
        broken = List.copyOf(broken);
    }

    /**
     * Searches the class path and module path: with the context class loader of this thread, then with the one that
     * loaded Mooring. Touches nothing on disk but jars.
     *
     * @return what was found; searched anew at each call
     */
    public static InstalledBackends find() {
        Found found = Discovery.search();
        return new InstalledBackends(
                found.installed().stream()
                        .map(p -> new Backend(p.name(), p.provider(), p.jar(), p.version(), p.alsoIn()))
                        .toList(),
                found.broken().stream()
                        .map(p -> new Broken(p.provider(), p.jar(), p.cause()))
                        .toList());
    }
}
