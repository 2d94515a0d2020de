// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.model.Script;
import dev.mooring.tck.model.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * Scripts that core and backend can run together, one group in each call, so that a call is one change. Now and then a
 * larger save, so that files fill.
 */
final class CrashScript {

    /** After so many steps comes a large save, with a vote that not every charset can write. */
    static final int EVERY = 6;

    private static final String VOTE = "knoten-\u00e4-\u65e5";
    private static final int LARGEST_PAYLOAD_BYTES = 20_000;
    private static final List<String> GROUPS = List.of("a", "bb");

    private CrashScript() {}

    static List<Step> of(long seed, int steps) {
        List<Step> script = new ArrayList<>();
        for (Step step : Script.generate(seed, steps, new Script.Shape(GROUPS, 1, LARGEST_PAYLOAD_BYTES, false))) {
            script.add(step);
            if (script.size() % EVERY == 0) {
                script.add(new Step.Save(List.of(new Step.Part("a", 0, 5, 9000, 1, VOTE, 4, 0))));
            }
        }
        return List.copyOf(script);
    }
}
