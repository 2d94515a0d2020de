// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.tck.odd.Oddity;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A kit that is too strict is as useless as one that is too lax: what is odd and legal must pass. */
final class LegalOdditiesTest {

    @RegisterExtension
    final KitWithinATest kit = new KitWithinATest();

    @AfterEach
    void clear() {
        System.clearProperty(OddTck.WHICH);
    }

    @ParameterizedTest
    @Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    @EnumSource
    void whatIsOddAndLegalPasses(Oddity oddity) {
        System.setProperty(OddTck.WHICH, oddity.name());
        if (kit.isExhaustive()) {
            passes(oddity.rules());
        }
        kit.quick();
        passes(kit.isExhaustive() ? EnumSet.allOf(Rule.class) : oddity.rules());
    }

    private static void passes(Set<Rule> rules) {
        KitRunner.Outcome outcome = KitRunner.run(OddTck.class, rules);
        assertThat(outcome.failed()).as("what the kit finds wrong").isEmpty();
        assertThat(outcome.aborted()).allSatisfy(aborted -> assertThat(aborted).isInstanceOf(NotRun.class));
        assertThat(outcome.passed()).isGreaterThanOrEqualTo(rules.size());
    }
}
