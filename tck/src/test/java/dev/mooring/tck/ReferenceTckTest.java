// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.reference.ReferenceProvider;
import java.util.Map;

/** The kit is green on a backend that is right. */
class ReferenceTckTest extends StorageTck {

    @Override
    public StorageProvider provider() {
        return new ReferenceProvider();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("segment-bytes", "64KiB");
    }
}
