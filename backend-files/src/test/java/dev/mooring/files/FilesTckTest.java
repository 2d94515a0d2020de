// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.StorageTck;
import java.util.Map;

/** The whole contract, with segments small enough that every check goes through many of them. */
class FilesTckTest extends StorageTck {

    @Override
    public StorageProvider provider() {
        return new FilesStorageProvider();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("segment-bytes", "64KiB");
    }
}
