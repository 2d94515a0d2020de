// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import java.io.IOException;
import java.util.List;

/**
 * The entry point of a backend, found by {@link java.util.ServiceLoader}; register it with {@code @AutoService} or with a
 * file under {@code META-INF/services}.
 *
 * <p>Creating a provider, and asking for its name, options and guarantees, touches no disk, starts no thread and loads
 * no native code (rule PROV-2): every provider on the class path is created, also those that nobody chose.
 */
public interface StorageProvider {

    /**
     * {@return name by which a configuration chooses this backend; matches {@code [a-z][a-z0-9-]*}, is
     * not {@code snapshot}, and never changes}
     */
    String name();

    /** {@return every option the backend understands; the core refuses any other by name before anything is opened} */
    List<Option> options();

    /**
     * {@return what the backend gives with these options} An option that weakens durability lowers what is claimed
     * here, and the core refuses the configuration unless it asks for that little.
     *
     * @param options checked, and complete with defaults
     */
    Guarantees guarantees(Options options);

    /**
     * Opens the data directory that the context names. It exists, is locked, and belongs to this backend. It may be
     * empty: the core initialises a new storage by opening, loading and closing a backend in a temporary directory that
     * it then renames, so a backend must not remember the path beyond {@link StorageBackend#close()}.
     *
     * @param context directory, options, and what is known of the last end
     * @return the backend, on which {@code load} is called next
     * @throws StorageException by kind, saying which file and what to do next; nothing is left open
     */
    StorageBackend open(BackendContext context) throws IOException;
}
