// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.tck.reference.Bug;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Who watches the watchmen: every bug must be found, by the rule that it was made to break. */
final class MutantsTest {

    // every mutant of an exhaustive run, with all rules that find it
    private static final List<String> FOUND = new ArrayList<>();

    @RegisterExtension
    final KitWithinATest kit = new KitWithinATest();

    @AfterEach
    void clear() {
        System.clearProperty(MutantTck.BUG);
    }

    @AfterAll
    static void writeWhatFoundThem() throws IOException {
        if (!FOUND.isEmpty()) {
            Path page = Path.of("target/mooring-tck/mutants.md");
            Files.createDirectories(page.getParent());
            Files.writeString(
                    page,
                    "# Deliberately broken backends, and the rules that find each\n\n| Bug | Made to break | Found by |\n"
                            + "|---|---|---|\n" + String.join("\n", FOUND) + "\n");
        }
    }

    @ParameterizedTest
    @Timeout(
            value = 30,
            unit = TimeUnit.MINUTES,
            threadMode = ThreadMode.SEPARATE_THREAD) // a bug may make a check hang
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void theBugIsFoundByTheRuleItBreaks(Bug bug) {
        List<Throwable> thrown = run(bug, kit.orAll(Set.of(bug.breaks())));
        note(bug, thrown);
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
        List<Throwable> thrown = run(Bug.EMPTY_VOTE_BECOMES_NULL, Set.of(Rule.MODEL_1));
        assertThat(thrown)
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure)
                        .hasMessageContaining("Seed ")
                        .hasMessageContaining("shrunk to ")
                        .hasMessageContaining("new Step.Save(List.of(new Step.Part("));
        assertThat(thrown.get(0).getMessage().lines().filter(line -> line.contains("new Step.")))
                .hasSizeLessThan(8);
    }

    private void note(Bug bug, List<Throwable> thrown) {
        if (!kit.isExhaustive()) {
            return;
        }
        String rules = thrown.stream()
                .filter(RuleViolation.class::isInstance)
                .map(failure -> ((RuleViolation) failure).rule())
                .distinct()
                .sorted()
                .map(Rule::id)
                .collect(Collectors.joining(", "));
        String line = "| " + bug + " | " + bug.breaks().id() + " | " + rules + " |";
        FOUND.add(line);
        System.out.println(line);
    }

    private static List<Throwable> run(Bug bug, Set<Rule> rules) {
        System.setProperty(MutantTck.BUG, bug.name());
        return KitRunner.run(MutantTck.class, rules).failed();
    }
}
