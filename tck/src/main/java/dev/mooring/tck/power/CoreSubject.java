// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.StorageConfig;
import dev.mooring.StorageObserver;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Options;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A whole storage: the core over a backend. */
public final class CoreSubject implements Subject {

    // no program keeps anything there, so that a backend that leaves the simulated disk is found out and cleaned up
    // after
    static final String DIRECTORY = "mooring-simulated-disk";

    private static final List<String> GROUPS = List.of("a", "ab", "AB");

    private final StorageProvider provider;
    private final Map<String, String> options;
    private final Map<String, String> properties = new TreeMap<>();
    private final int largestPayloadBytes;
    private final boolean queued;

    /**
     * A backend with its options, by name.
     *
     * @param largestPayloadBytes largest payload that scripts save
     */
    public CoreSubject(StorageProvider provider, Map<String, String> options, int largestPayloadBytes)
            throws StorageException {
        this(provider, options, largestPayloadBytes, false);
    }

    private CoreSubject(StorageProvider provider, Map<String, String> options, int largestPayloadBytes, boolean queued)
            throws StorageException {
        this.provider = provider;
        this.options = Map.copyOf(options);
        this.queued = queued;
        this.largestPayloadBytes = largestPayloadBytes;
        Guarantees guarantees = provider.guarantees(Options.of(provider.name(), provider.options(), options));
        options.forEach((name, value) -> properties.put("mooring." + provider.name() + "." + name, value));
        properties.put(
                "mooring.durability",
                guarantees.durability().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        // with one snapshot retained a release goes as far as it asks for, as the model's does
        properties.put("mooring.snapshot.retain", "1");
    }

    /** The same, with saves that queue up, so that the storage writes several of them, of several groups, at once. */
    public CoreSubject queued() throws StorageException {
        return new CoreSubject(provider, options, largestPayloadBytes, true);
    }

    @Override
    public Script.Shape shape() {
        // the core makes changes of several groups atomic only by chance
        return new Script.Shape(GROUPS, 1, largestPayloadBytes, true);
    }

    @Override
    public void prepare(Path root) {}

    @Override
    public List<List<Update>> acceptedBefore(Call call, Model before) {
        return call instanceof Call.Save save ? CoreSession.acceptedBefore(save.updates(), before) : List.of();
    }

    @Override
    public Session open(Path root) throws IOException {
        StorageConfig config =
                StorageConfig.of(properties).withProvider(provider).withDirectory(root.resolve(DIRECTORY));
        return new CoreSession(config, queued);
    }

    /** Counts repairs. */
    static final class Repairs implements StorageObserver {
        private final List<Repair> all = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void repaired(Repair repair) {
            all.add(repair);
        }

        int count() {
            return all.size();
        }
    }
}
