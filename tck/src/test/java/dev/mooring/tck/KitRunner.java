// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

/** Runs the checks of some rules as an author's test runner would. */
final class KitRunner {

    private KitRunner() {}

    /** What came of the checks: the number that passed, and what the others threw. */
    record Outcome(int passed, List<Throwable> failed, List<Throwable> aborted) {}

    static Outcome run(Class<? extends StorageTck> kit, Set<Rule> rules) {
        int[] passed = {0};
        List<Throwable> failed = new ArrayList<>();
        List<Throwable> aborted = new ArrayList<>();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(kit))
                .filters((PostDiscoveryFilter) test -> FilterResult.includedIf(!test.isTest() || verifies(test, rules)))
                .build();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                switch (result.getStatus()) {
                    case SUCCESSFUL -> passed[0] += test.isTest() ? 1 : 0;
                    case FAILED -> result.getThrowable().ifPresent(failed::add);
                    case ABORTED -> result.getThrowable().ifPresent(aborted::add);
                }
            }
        });
        return new Outcome(passed[0], failed, aborted);
    }

    private static boolean verifies(TestDescriptor test, Set<Rule> rules) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getJavaMethod().getAnnotation(Verifies.class))
                .map(verifies -> rules.contains(verifies.value()))
                .orElse(false);
    }
}
