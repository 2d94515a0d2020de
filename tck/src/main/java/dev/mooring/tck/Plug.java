// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.StorageProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The backend under test, as its author plugged it in.
 *
 * @param provider makes it
 * @param configured options to open it with, by name
 */
record Plug(StorageProvider provider, Map<String, String> configured) {

    Plug {
        configured = Map.copyOf(new TreeMap<>(configured));
    }

    Options options() throws StorageException {
        return Options.of(provider.name(), provider.options(), configured);
    }

    Guarantees guarantees() throws StorageException {
        return provider.guarantees(options());
    }

    /** The options, each as {@code name=value}, for a child process. */
    List<String> asArguments() {
        List<String> arguments = new ArrayList<>();
        configured.forEach((name, value) -> arguments.add(name + "=" + value));
        return arguments;
    }

    /** Whether state is gone when the backend is closed, so that nothing can be checked after a reopen. */
    boolean isVolatile() throws StorageException {
        return guarantees().durability() == Durability.VOLATILE;
    }

    /** Ends the check as not claimed if the backend does not claim this. */
    void require(Claim claim) throws StorageException {
        Guarantees guarantees = guarantees();
        if (!claim.isMadeBy(guarantees)) {
            throw new NotClaimed("needs " + claim + ", the backend claims " + guarantees.durability()
                    + (guarantees.checksummedStructures() ? "" : " without checksummed structures"));
        }
    }
}
