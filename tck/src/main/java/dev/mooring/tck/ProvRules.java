// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.Option;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/** PROV: what a provider says of itself. */
abstract class ProvRules extends Rules {

    ProvRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.PROV_1)
    void theNameIsWellFormedAndStable() throws IOException {
        StorageProvider provider = plug().provider();
        Check.that(
                provider.name().matches("[a-z][a-z0-9-]*"),
                () -> "the name is '" + provider.name() + "', which does not match [a-z][a-z0-9-]*");
        Check.equal(provider.name(), provider.name(), "the name at a second call");
        Check.equal(provider.name(), plug().provider().name(), "the name of a second provider");
    }

    @Verifies(Rule.PROV_1)
    void optionsAreDistinctAndTheirDefaultsFit() throws IOException {
        StorageProvider provider = plug().provider();
        Set<String> names = new HashSet<>();
        for (Option option : provider.options()) {
            Check.that(names.add(option.name()), () -> "two options have the name '" + option.name() + "'");
            Check.that(!option.help().isBlank(), () -> "option '" + option.name() + "' has no line of help");
        }
        Plug defaults = new Plug(provider, Map.of());
        Check.that(defaults.guarantees() != null, () -> "guarantees returned null for the default options");
    }

    @Verifies(Rule.PROV_4)
    void serviceLoaderFindsTheProvider() {
        Class<?> type = plug().provider().getClass();
        Set<String> found = ServiceLoader.load(StorageProvider.class).stream()
                .map(candidate -> candidate.get().getClass().getName())
                .collect(Collectors.toSet());
        Check.that(
                found.contains(type.getName()),
                () -> "ServiceLoader finds " + found + ", not " + type.getName()
                        + "; register it with @AutoService or in META-INF/services/" + StorageProvider.class.getName());
    }
}
