// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.util.Map;
import java.util.TreeMap;

/** Configuration of a storage, by property. Immutable. */
public final class StorageConfig {

    private final Map<String, String> properties;

    private StorageConfig(Map<String, String> properties) {
        this.properties = properties;
    }

    public static StorageConfig of(Map<String, String> properties) {
        return new StorageConfig(Map.copyOf(properties));
    }

    public StorageConfig with(String key, String value) {
        Map<String, String> changed = new TreeMap<>(properties);
        changed.put(key, value);
        return new StorageConfig(changed);
    }
}
