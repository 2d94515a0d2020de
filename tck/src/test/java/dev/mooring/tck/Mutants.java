// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.tck.reference.Bug;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who watches the watchmen: every bug must be found, by the rule that it was made to break. In two halves, which run side by
 * side: with all rules they take long.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class Mutants {

    // every mutant of an exhaustive run, with all rules that find it
    private final List<String> found = new ArrayList<>();
    private final Predicate<Rule> half;

    @RegisterExtension
    final KitWithinATest kit = new KitWithinATest();

    Mutants(Predicate<Rule> half) {
        this.half = half;
    }

    /** Whether a rule says what is kept, not what becomes of it in trouble. */
    static boolean isOfContents(Rule rule) {
        return Set.of("LIFE", "LOG", "READ", "STATE").contains(rule.family());
    }

    Stream<Bug> bugs() {
        return Arrays.stream(Bug.values()).filter(bug -> bug != Bug.NONE && half.test(bug.breaks()));
    }

    @AfterEach
    void clear() {
        System.clearProperty(MutantTck.BUG);
        System.clearProperty(FirstFindIsEnough.PROPERTY);
    }

    @AfterAll
    void writeWhatFoundThem() throws IOException {
        if (!found.isEmpty()) {
            Path page = Path.of("target/mooring-tck/" + getClass().getSimpleName() + ".md");
            Files.createDirectories(page.getParent());
            Files.writeString(
                    page,
                    "# Deliberately broken backends, and the rules that find each\n\n| Bug | Made to break | Found by |\n"
                            + "|---|---|---|\n" + String.join("\n", found) + "\n");
        }
    }

    @ParameterizedTest
    @Timeout(
            value = 30,
            unit = TimeUnit.MINUTES,
            threadMode = ThreadMode.SEPARATE_THREAD) // a bug may make a check hang
    @MethodSource("bugs")
    void theBugIsFoundByTheRuleItBreaks(Bug bug) {
        System.setProperty(FirstFindIsEnough.PROPERTY, Boolean.toString(!kit.isExhaustive()));
        List<Throwable> thrown = run(bug, Set.of(bug.breaks()));
        assertThat(thrown).as("failures of the checks of %s", bug.breaks().id()).isNotEmpty();
        assertRulesAreBroken(thrown);
        assertThat(thrown)
                .extracting(failure -> ((RuleViolation) failure).rule())
                .contains(bug.breaks());
        assertThat(thrown.get(0))
                .hasMessageContaining(((RuleViolation) thrown.get(0)).rule().text());
        if (kit.isExhaustive()) {
            kit.quick();
            List<Throwable> byAll = run(bug, EnumSet.allOf(Rule.class));
            note(bug, thrown, byAll);
            assertRulesAreBroken(byAll); // a quick run may miss what its own rule has found above
        }
    }

    private static void assertRulesAreBroken(List<Throwable> thrown) {
        assertThat(thrown).allSatisfy(failure -> assertThat(failure).isInstanceOf(RuleViolation.class));
    }

    private void note(Bug bug, List<Throwable> byOne, List<Throwable> byAll) {
        String rules = Stream.concat(byOne.stream(), byAll.stream())
                .filter(RuleViolation.class::isInstance)
                .map(failure -> ((RuleViolation) failure).rule())
                .distinct()
                .sorted()
                .map(Rule::id)
                .collect(Collectors.joining(", "));
        String line = "| " + bug + " | " + bug.breaks().id() + " | " + rules + " |";
        found.add(line);
        System.out.println(line);
    }

    static List<Throwable> run(Bug bug, Set<Rule> rules) {
        System.setProperty(MutantTck.BUG, bug.name());
        return KitRunner.run(MutantTck.class, rules).failed();
    }
}
