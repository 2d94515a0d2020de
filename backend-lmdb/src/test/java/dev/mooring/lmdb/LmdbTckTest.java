// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.StorageTck;
import java.util.Map;

/** The kit on LMDB, with a file so small that it has to grow again and again. */
class LmdbTckTest extends StorageTck {

    @Override
    public StorageProvider provider() {
        return new LmdbStorageProvider();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("file-bytes", "128KiB");
    }
}
