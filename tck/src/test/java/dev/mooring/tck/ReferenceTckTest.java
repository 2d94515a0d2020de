// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The kit is green on a backend that is right: what the broken ones differ from. */
final class ReferenceTckTest {

    @RegisterExtension
    final KitWithinATest kit = new KitWithinATest();

    @Test
    void theKitIsGreenOnABackendThatIsRight() {
        if (!kit.isExhaustive()) {
            kit.quick(); // the backends of this project are checked in full
        }
        KitRunner.Outcome outcome = KitRunner.run(MutantTck.class, EnumSet.allOf(Rule.class));
        assertThat(outcome.failed()).isEmpty();
        assertThat(outcome.aborted()).allSatisfy(aborted -> assertThat(aborted).isInstanceOf(NotRun.class));
        assertThat(outcome.passed()).isGreaterThan(Rule.values().length);
    }
}
