// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.spi.Option;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    @Verifies(Rule.PROV_2)
    void creatingAProviderLeavesNothingBehind() throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>();
        arguments.add(plug().provider().getClass().getName());
        arguments.addAll(plug().asArguments());
        Path work = Files.createDirectory(directory().resolve("child"));
        List<String> lines = new ArrayList<>();
        try (Fork child = Fork.start(ProviderChild.class, work, arguments)) {
            for (String line = child.line(); line != null; line = child.line()) {
                lines.add(line);
            }
            int status = child.exitStatus();
            if (status == KillChild.CAN_NOT_MAKE_PROVIDER || child.didNotBegin(ProviderChild.class)) {
                throw new NotRun("a child process can not make the provider: " + child.complaint());
            }
            String complaint = child.complaint();
            Check.that(
                    status == 0,
                    () -> "a child process can not make and ask the provider (exit status " + status + "): "
                            + complaint);
        }
        try (Stream<Path> files = Files.list(work)) {
            files.filter(file -> !file.getFileName().toString().startsWith(Fork.ERRORS))
                    .forEach(file -> lines.add(ProviderChild.FILE + file));
        }
        List<String> left = lines.stream()
                .filter(line -> line.startsWith(ProviderChild.THREAD)
                        || line.startsWith(ProviderChild.LIBRARY)
                        || line.startsWith(ProviderChild.FILE))
                .toList();
        Check.that(left.isEmpty(), () -> "after the provider was created and asked, there is " + left);
    }

    @Verifies(Rule.PROV_3)
    void anUnknownOptionIsRefusedBeforeAnythingIsOpened() throws IOException {
        Path storage = directory().resolve("refused");
        String name = plug().provider().name();
        StorageConfig config = WholeStorage.config(plug(), storage).with("mooring." + name + ".no-such-option", "1");
        try (RaftStorage opened = RaftStorage.open(config)) {
            throw Check.fail("a storage with the option no-such-option opens: " + opened.backend());
        } catch (StorageException.Refused expected) {
            heard(expected);
            Check.that(
                    String.valueOf(expected.getMessage()).contains("no-such-option"),
                    () -> "the option is not named: " + expected.getMessage());
        }
        Check.that(!Files.exists(storage), () -> storage + " was made although the option was refused");
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
