// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.StorageTck;
import java.util.Map;

/** The kit on RocksDB, with buffers so small that entries really reach sorted files. */
class RocksDbTckTest extends StorageTck {

    @Override
    public StorageProvider provider() {
        return new RocksDbStorageProvider();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("write-buffer-bytes", "64KiB");
    }
}
