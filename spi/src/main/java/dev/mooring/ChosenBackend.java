// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageProvider;

/**
 * The backend that a configuration chose, with everything about it checked.
 *
 * @param name its name, such as {@code files}
 * @param provider opens it
 * @param options checked and complete
 * @param guarantees what it gives with these options: at least the durability that was configured
 * @param place class, version and jar of the provider, for messages
 */
record ChosenBackend(String name, StorageProvider provider, Options options, Guarantees guarantees, String place) {}
