// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.tck.reference.Bug;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Who watches the watchmen: every bug must be found, by the rule that it was made to break. */
final class MutantsTest {

    @BeforeEach
    void hush() {
        System.setProperty(Settings.REPORT, Settings.NO_REPORT);
        System.setProperty(Settings.SEED, "20261124");
    }

    @AfterEach
    void clear() {
        System.clearProperty(MutantTck.BUG);
        System.clearProperty(Settings.REPORT);
        System.clearProperty(Settings.SEED);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void theBugIsFoundByTheRuleItBreaks(Bug bug) {
        List<Throwable> thrown = run(bug, bug.breaks());
        assertThat(thrown)
                .as("failures of the checks of %s", bug.breaks().id())
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure).isInstanceOf(RuleViolation.class));
        assertThat(thrown)
                .extracting(failure -> ((RuleViolation) failure).rule())
                .contains(bug.breaks());
        assertThat(thrown.get(0))
                .hasMessageContaining(((RuleViolation) thrown.get(0)).rule().text());
    }

    @Test
    void aScriptThatFailsIsShrunkToStepsThatCanBePasted() {
        // in many steps there are saves without a vote; one is enough
        List<Throwable> thrown = run(Bug.EMPTY_VOTE_BECOMES_NULL, Rule.MODEL_1);
        assertThat(thrown)
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure)
                        .hasMessageContaining("Seed ")
                        .hasMessageContaining("shrunk to ")
                        .hasMessageContaining("new Step.Save(List.of(new Step.Part("));
        assertThat(thrown.get(0).getMessage().lines().filter(line -> line.contains("new Step.")))
                .hasSizeLessThan(8);
    }

    private static List<Throwable> run(Bug bug, Rule rule) {
        System.setProperty(MutantTck.BUG, bug.name());
        return KitRunner.run(MutantTck.class, Set.of(rule)).failed();
    }
}
