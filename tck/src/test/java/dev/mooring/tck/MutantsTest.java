// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.mooring.tck.reference.Bug;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Who watches the watchmen: every bug must be found, by the rule that it was made to break. */
final class MutantsTest {

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

    @AfterEach
    void clear() {
        System.clearProperty(MutantTck.BUG);
        System.clearProperty(Settings.REPORT);
        System.clearProperty(Settings.SEED);
    }

    private static List<Throwable> run(Bug bug, Rule rule) {
        System.setProperty(MutantTck.BUG, bug.name());
        System.setProperty(Settings.REPORT, Settings.NO_REPORT);
        System.setProperty(Settings.SEED, "20261124");
        List<Throwable> thrown = new ArrayList<>();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(MutantTck.class))
                .filters((PostDiscoveryFilter) test -> FilterResult.includedIf(!test.isTest() || verifies(test, rule)))
                .build();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                    result.getThrowable().ifPresent(thrown::add);
                }
            }
        });
        return thrown;
    }

    private static boolean verifies(TestDescriptor test, Rule rule) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getJavaMethod().getAnnotation(Verifies.class))
                .map(verifies -> verifies.value() == rule)
                .orElse(false);
    }
}
