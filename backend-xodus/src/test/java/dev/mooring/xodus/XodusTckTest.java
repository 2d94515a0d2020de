// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.StorageTck;
import java.util.Map;

/** The kit on Xodus, with files so small that there are many. */
class XodusTckTest extends StorageTck {

    @Override
    public StorageProvider provider() {
        return new XodusStorageProvider();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("file-bytes", "256KiB");
    }
}
