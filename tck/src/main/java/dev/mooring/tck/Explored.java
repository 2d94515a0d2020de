// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.power.PowerCuts;
import java.util.List;
import java.util.Locale;

/**
 * What one check explored on a simulated disk.
 *
 * @param what how the disk was treated, a few words
 * @param model what a power cut may do
 * @param seed of the first script
 * @param workloads scripts that were run
 * @param states crash states judged
 * @param wanted how many there were to be; there are fewer where time ran out
 * @param distinct images opened: equal ones are opened once
 * @param seconds time it took
 */
record Explored(
        String what,
        DiskModel model,
        long seed,
        long workloads,
        long states,
        long wanted,
        long distinct,
        double seconds) {

    static Explored of(String what, DiskModel model, long seed, long wanted, PowerCuts.Outcome outcome) {
        return new Explored(
                what,
                model,
                seed,
                outcome.workloads(),
                outcome.states(),
                wanted,
                outcome.distinct(),
                outcome.nanos() / 1e9);
    }

    /** All of one model together. */
    static Explored sum(DiskModel model, List<Explored> all) {
        List<Explored> ofModel =
                all.stream().filter(each -> each.model() == model).toList();
        return new Explored(
                "in all",
                model,
                ofModel.stream().mapToLong(Explored::seed).min().orElse(0),
                ofModel.stream().mapToLong(Explored::workloads).sum(),
                ofModel.stream().mapToLong(Explored::states).sum(),
                ofModel.stream().mapToLong(Explored::wanted).sum(),
                ofModel.stream().mapToLong(Explored::distinct).sum(),
                ofModel.stream().mapToDouble(Explored::seconds).sum());
    }

    long statesPerSecond() {
        return Math.round(states / Math.max(seconds, 1e-3));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s, %s: %,d%s crash states of %,d scripts from seed %d on, %,d distinct images, %.1f s, %,d states a second",
                model.name().toLowerCase(Locale.ROOT),
                what,
                states,
                states < wanted ? String.format(Locale.ROOT, " of %,d", wanted) : "",
                workloads,
                seed,
                distinct,
                seconds,
                statesPerSecond());
    }

    String json() {
        return String.format(
                Locale.ROOT,
                "{%s, %s, \"seed\": %d, \"scripts\": %d, \"crashStates\": %d, \"wantedCrashStates\": %d,"
                        + " \"distinctImages\": %d, \"seconds\": %.1f, \"statesPerSecond\": %d}",
                Json.field("model", model.name().toLowerCase(Locale.ROOT)),
                Json.field("what", what),
                seed,
                workloads,
                states,
                wanted,
                distinct,
                seconds,
                statesPerSecond());
    }
}
