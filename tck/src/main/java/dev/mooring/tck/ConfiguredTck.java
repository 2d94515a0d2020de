// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StorageProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The kit for a backend that is named by system properties: what {@link Main} runs. */
final class ConfiguredTck extends StorageTck {

    static final String BACKEND = "mooring.tck.backend";
    static final String OPTION = "mooring.tck.option.";

    @Override
    public StorageProvider provider() {
        String name = System.getProperty(BACKEND, "");
        List<String> found = new ArrayList<>();
        for (StorageProvider provider : ServiceLoader.load(StorageProvider.class)) {
            if (provider.name().equals(name)) {
                return provider;
            }
            found.add(provider.name());
        }
        throw new IllegalArgumentException(
                "no backend '" + name + "' on the class path, only " + found + "; name its jar and its --backend");
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new TreeMap<>();
        for (String property : System.getProperties().stringPropertyNames()) {
            if (property.startsWith(OPTION)) {
                options.put(property.substring(OPTION.length()), System.getProperty(property, ""));
            }
        }
        return options;
    }
}
