// SPDX-License-Identifier: Apache-2.0
package dev.mooring.discovery;

import java.util.List;

/**
 * What a search for providers came to. The order is that of names and jars, not of the class path.
 *
 * @param installed providers that can be used
 * @param broken providers that are registered but cannot be used
 */
public record Found(List<InstalledProvider> installed, List<BrokenProvider> broken) {

    public Found {
        installed = List.copyOf(installed);
        broken = List.copyOf(broken);
    }

    /** Names of the providers that can be used, each once, in order. */
    public List<String> names() {
        return installed.stream()
                .map(InstalledProvider::name)
                .distinct()
                .sorted()
                .toList();
    }
}
