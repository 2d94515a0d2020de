// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Once a check has found what is wrong, the ones after it are left out, if the system property says so. */
final class FirstFindIsEnough implements ExecutionCondition, TestWatcher {

    static final String PROPERTY = "mooring.tck.first-find-is-enough";

    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(FirstFindIsEnough.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return Boolean.getBoolean(PROPERTY) && context.getRoot().getStore(OURS).get(PROPERTY) != null
                ? ConditionEvaluationResult.disabled("found already")
                : ConditionEvaluationResult.enabled("not found yet");
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        context.getRoot().getStore(OURS).put(PROPERTY, true);
    }
}
