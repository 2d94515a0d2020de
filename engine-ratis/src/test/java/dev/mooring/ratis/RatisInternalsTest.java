// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageException;
import java.lang.invoke.MethodHandles;
import org.junit.jupiter.api.Test;

class RatisInternalsTest {

    @Test
    void thisRatisHasWhatALogNeeds() throws Exception {
        assertThat(RatisInternals.find().getState).isNotNull();
        assertThat(RatisInternals.version()).isEqualTo(System.getProperty("mooring.test.ratis"));
    }

    @Test
    void aReleaseThatLacksAMemberIsRefusedByItsName() {
        ReflectiveOperationException missing = null;
        try {
            RatisInternals.method(MethodHandles.lookup(), "renamedInRatis9", String.class);
        } catch (ReflectiveOperationException e) {
            missing = e;
        }

        assertThat(RatisInternals.unsupported(missing))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("Mooring can not run in Apache Ratis " + RatisInternals.version() + " from ")
                .hasMessageContaining("renamedInRatis9")
                .hasMessageContaining("3.1.0 to 3.3.0");
    }

    @Test
    void aSlotThatBecameFinalIsRefused() {
        assertThatThrownBy(() -> RatisInternals.volatileField(MethodHandles.lookup(), WithFinalSlot.class, "value"))
                .isInstanceOf(IllegalAccessException.class)
                .hasMessageContaining("WithFinalSlot.value is final");
        assertThatThrownBy(() -> RatisInternals.volatileField(MethodHandles.lookup(), WithFinalSlot.class, "gone"))
                .isInstanceOf(NoSuchFieldException.class)
                .hasMessageContaining("WithFinalSlot.gone");
    }

    @SuppressWarnings("UnusedVariable") // read through its handle
    private static final class WithFinalSlot {
        private final Object value = new Object();
    }
}
