// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who reads of a check that does not end learns which one it is, and where it stands. */
final class HangWatchTest {

    @Test
    void theCheckAndThePlaceAreNamed() {
        assertThat(HangWatch.describe("READ-2: readsAndSavesRunSideBySide", 10))
                .startsWith("READ-2: readsAndSavesRunSideBySide has been running for 10 minutes")
                .contains(HangWatchTest.class.getName() + ".theCheckAndThePlaceAreNamed");
    }
}
