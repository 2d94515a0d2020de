// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import java.util.List;
import java.util.Locale;

/**
 * Outcome of an exploration.
 *
 * @param positions positions at which power failed
 * @param states crash states judged
 * @param distinct images opened: equal ones are opened once
 * @param nanos time it took
 * @param broken states that violate the check
 * @param violations some of them, the smallest first, which is cut down to the fewest losses
 */
public record CrashSummary(
        int positions, long states, long distinct, long nanos, long broken, List<Violation> violations) {

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d crash states at %d positions, %d distinct images opened, %.1f s, %d violations%s",
                states,
                positions,
                distinct,
                nanos / 1e9,
                broken,
                violations.isEmpty() ? "" : ": " + violations.get(0));
    }
}
