// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StorageProvider;
import dev.mooring.tck.odd.OddProvider;
import java.util.Map;

/** The kit on a backend that is odd. Run by {@link LegalOdditiesTest} only. */
final class OddTck extends StorageTck {

    static final String WHICH = "mooring.tck.oddity";

    @Override
    public StorageProvider provider() {
        return new OddProvider();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("segment-bytes", "64KiB", OddProvider.ODDITY, System.getProperty(WHICH, "LENDS_ONE_BUFFER"));
    }
}
