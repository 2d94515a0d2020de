// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.model.Picture.Difference;

/** What a backend holds after a reopen is not what the model holds. Knows which rule that breaks. */
final class Mismatch extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final Rule rule;

    Mismatch(String observed, Difference difference) {
        super(observed);
        this.rule = rule(difference);
    }

    /** The rule that is about the part that differs, for a comparison that no check asked for. */
    Rule rule() {
        return rule;
    }

    private static Rule rule(Difference difference) {
        return switch (difference.part()) {
            case GROUPS, BOUNDS, ENTRIES -> Rule.LOG_2;
            case SEQUENCE -> Rule.LOG_7;
            case HARD_STATE -> Rule.STATE_1;
            case SNAPSHOT -> Rule.SNAP_1;
            case ATTACHMENT -> Rule.STATE_3;
        };
    }
}
