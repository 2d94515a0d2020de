// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.reference.ReferenceProvider;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;

/** The kit on a backend with a bug, or without: run by other tests only. */
@ExtendWith(FirstFindIsEnough.class)
final class MutantTck extends StorageTck {

    static final String BUG = "mooring.tck.bug";

    @Override
    public StorageProvider provider() {
        return new ReferenceProvider();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("segment-bytes", "64KiB", "bug", System.getProperty(BUG, "NONE"));
    }
}
