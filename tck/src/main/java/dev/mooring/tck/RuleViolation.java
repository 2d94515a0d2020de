// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import org.jspecify.annotations.Nullable;

/** A rule is broken: cites its number and sentence and says where it comes from and what was observed. */
public final class RuleViolation extends AssertionError {

    private static final long serialVersionUID = 1L;

    /** What {@link #rule()} answers. */
    private final Rule rule;

    /** What {@link #observed()} answers. */
    private final String observed;

    RuleViolation(Rule rule, String observed) {
        this(rule, observed, null);
    }

    RuleViolation(Rule rule, String observed, @Nullable Throwable cause) {
        super(
                rule.id() + ": " + rule.text() + "\n  Source: " + rule.source() + "\n  Observed: "
                        + observed.replace("\n", "\n    "),
                cause);
        this.rule = rule;
        this.observed = observed;
    }

    /** {@return the rule that is broken} */
    public Rule rule() {
        return rule;
    }

    /** {@return what was observed, without the rule} */
    public String observed() {
        return observed;
    }
}
