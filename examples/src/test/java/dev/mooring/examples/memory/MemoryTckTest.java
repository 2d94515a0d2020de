// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.memory;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.StorageTck;

/** The whole contract, checked for the backend in memory. */
class MemoryTckTest extends StorageTck {
    @Override
    public StorageProvider provider() {
        return new MemoryStorageProvider();
    }
}
