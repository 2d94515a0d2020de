// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.TestAbortedException;

/**
 * Around every check: ends it at once if the backend does not claim what it needs, turns whatever it throws into a
 * violation of its rule, and keeps its result for the report.
 */
final class RuleExtension
        implements BeforeEachCallback,
                AfterEachCallback,
                TestExecutionExceptionHandler,
                LifecycleMethodExecutionExceptionHandler,
                TestWatcher {

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        Verifies verifies = verifies(context);
        StorageTck kit = kit(context);
        if (kit.settings().isExhaustive() && kit.settings().isReported()) {
            // some checks of such a run take many minutes: it shows where it is
            System.out.println(verifies.value().id() + ": "
                    + context.getRequiredTestMethod().getName());
        }
        Plug plug = kit.plug();
        plug.require(verifies.value().needs());
        plug.require(verifies.needs());
        store(context)
                .put(
                        HangWatch.class,
                        HangWatch.over(
                                verifies.value().id() + ": "
                                        + context.getRequiredTestMethod().getName(),
                                kit.settings().isExhaustive()));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        HangWatch watch = store(context).remove(HangWatch.class, HangWatch.class);
        if (watch != null) {
            watch.close();
        }
    }

    private static ExtensionContext.Store store(ExtensionContext context) {
        return context.getStore(ExtensionContext.Namespace.create(RuleExtension.class));
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable thrown) throws Throwable {
        throw violation(context, thrown);
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable thrown) throws Throwable {
        throw violation(context, thrown);
    }

    @Override
    public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable thrown) throws Throwable {
        throw violation(context, thrown);
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        results(context).add(verifies(context).value(), Status.HELD, "");
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        Status status = cause instanceof NotClaimed ? Status.NOT_CLAIMED : Status.NOT_RUN;
        results(context).add(verifies(context).value(), status, message(cause));
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        results(context).add(verifies(context).value(), Status.NOT_RUN, reason.orElse("it is disabled"));
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        Rule rule = verifies(context).value();
        if (cause instanceof RuleViolation violation) {
            results(context).add(violation.rule(), Status.BROKEN, violation.observed());
            if (violation.rule() != rule) {
                results(context)
                        .add(
                                rule,
                                Status.NOT_RUN,
                                "not run to its end: " + violation.rule().id() + " is broken");
            }
        } else {
            results(context).add(rule, Status.BROKEN, message(cause));
        }
    }

    private static Throwable violation(ExtensionContext context, Throwable thrown) {
        if (thrown instanceof RuleViolation || thrown instanceof TestAbortedException) {
            return thrown;
        }
        Optional<NotRun> excuse =
                context.getRequiredTestInstance() instanceof DiskRules rules ? rules.excuse() : Optional.empty();
        if (excuse.isPresent()) {
            return excuse.get();
        }
        String observed = thrown instanceof Check.Observation || thrown instanceof Mismatch
                ? message(thrown)
                : "it threw " + thrown;
        long seed = kit(context).settings().seed();
        boolean isSeeded = observed.contains("seed") && !observed.contains(Long.toString(seed));
        return new RuleViolation(
                verifies(context).value(),
                isSeeded ? observed + "\nWhat repeats this run is its own seed, " + seed : observed,
                thrown);
    }

    private static Verifies verifies(ExtensionContext context) {
        return context.getRequiredTestMethod().getAnnotation(Verifies.class);
    }

    private static Results results(ExtensionContext context) {
        return Results.of(kit(context).getClass());
    }

    private static StorageTck kit(ExtensionContext context) {
        return context.getRequiredTestInstances().findInstance(StorageTck.class).orElseThrow();
    }

    private static String message(@Nullable Throwable thrown) {
        return thrown == null
                ? "no reason was given"
                : thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
    }
}
