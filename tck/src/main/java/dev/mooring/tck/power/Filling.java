// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.tck.model.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * Steps between those of a script that make files fill, die and be used again: without them a script of short payloads ends
 * before a backend has begun its second file, and what a backend gets wrong, it gets wrong there.
 */
final class Filling {

    private static final int EVERY = 4;
    private static final int ENTRIES = 4;
    private static final int ENTRY_BYTES = 7000;
    private static final int LARGE_BYTES = 90_000; // more than the smallest file of most

    private Filling() {}

    static List<Step> into(List<Step> script, List<String> groups, long seed) {
        List<Step> mixed = new ArrayList<>();
        for (int i = 0; i < script.size(); i++) {
            mixed.add(script.get(i));
            if (i % EVERY == EVERY - 1) {
                int round = i / EVERY;
                // the first group fills the files, what little the others have lives on between it
                String group = groups.get(round % 5 == 4 ? 1 : 0);
                boolean large = round % 4 == 3 && seed % 3 == 0;
                mixed.add(new Step.Save(List.of(new Step.Part(
                        group, 0, large ? 1 : ENTRIES, large ? LARGE_BYTES : ENTRY_BYTES, 0, null, ENTRIES, 0))));
                if (round % 2 == 1) {
                    mixed.add(new Step.Snapshot(groups.get(0), Step.Where.INSIDE, (int) (seed % 4), 0));
                    mixed.add(new Step.Release(groups.get(0), 0));
                }
            }
        }
        return mixed;
    }
}
