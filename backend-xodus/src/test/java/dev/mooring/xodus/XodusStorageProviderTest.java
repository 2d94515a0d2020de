// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.Durability;
import dev.mooring.spi.Guarantees;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class XodusStorageProviderTest {

    @Test
    void whatIsNotSyncedIsNotClaimed() throws StorageException { // CRASH-3
        assertThat(guarantees("always")).isEqualTo(new Guarantees(Durability.POWER_LOSS, false));
        assertThat(guarantees("never")).isEqualTo(new Guarantees(Durability.PROCESS_CRASH, false));
    }

    private static Guarantees guarantees(String sync) throws StorageException {
        XodusStorageProvider provider = new XodusStorageProvider();
        return provider.guarantees(Options.of("xodus", provider.options(), Map.of("sync", sync)));
    }
}
