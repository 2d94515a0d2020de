// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.journal;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.StorageTck;
import java.util.Map;

/** The whole contract, with a journal so short that every check sees it written anew. */
class JournalTckTest extends StorageTck {
    @Override
    public StorageProvider provider() {
        return new JournalStorageProvider();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("rewrite-bytes", "64KiB");
    }
}
