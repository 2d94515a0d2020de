// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class XodusStorageProviderTest {

    private final XodusStorageProvider provider = new XodusStorageProvider();

    @Test
    void whatIsNotSyncedIsNotClaimed() throws StorageException { // CRASH-3
        assertThat(guarantees(Map.of())).isEqualTo(new Guarantees(Durability.POWER_LOSS, false));
        assertThat(guarantees(Map.of("sync", "always"))).isEqualTo(new Guarantees(Durability.POWER_LOSS, false));
        assertThat(guarantees(Map.of("sync", "never"))).isEqualTo(new Guarantees(Durability.PROCESS_CRASH, false));
    }

    private Guarantees guarantees(Map<String, String> options) throws StorageException {
        return provider.guarantees(Options.of("xodus", provider.options(), options));
    }

    @Test
    void theHelpOfSyncSaysWhatItLoses() {
        assertThat(provider.options())
                .filteredOn(option -> option.name().equals("sync"))
                .singleElement()
                .extracting(Option::help)
                .asString()
                .contains("a power cut loses acknowledged entries", "Corrupted");
    }
}
