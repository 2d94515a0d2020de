// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.model;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.tck.model.Picture.Difference;
import dev.mooring.tck.model.Picture.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a recovered state is one that a crash may leave: the state after some call k of a script, with
 * acknowledged ≤ k ≤ started. A release may have been undone, to a log that is consecutive.
 */
public final class Oracle {

    private final List<Step> script;

    public Oracle(List<Step> script) {
        this.script = List.copyOf(script);
    }

    /**
     * What was decided.
     *
     * @param calls number of calls after which the state is the recovered one; empty if there is none
     * @param text if there is none: how the state differs from the nearest one allowed
     */
    public record Verdict(OptionalInt calls, String text) {}

    /**
     * Judges a recovered state.
     *
     * @param acknowledged calls that had returned
     * @param started calls that had been made, at most one more unless several threads call
     */
    public Verdict judge(Picture found, int acknowledged, int started) {
        Model model = modelAfter(acknowledged);
        List<String> differences = new ArrayList<>();
        for (int calls = acknowledged; calls <= started; calls++) {
            if (calls > acknowledged) {
                apply(script.get(calls - 1), model);
            }
            Difference difference = crashDifference(model, found);
            if (difference == null) {
                return new Verdict(OptionalInt.of(calls), "");
            }
            differences.add("after call " + calls + " (" + (calls == 0 ? "none" : script.get(calls - 1)) + "): "
                    + difference.text());
        }
        return new Verdict(OptionalInt.empty(), String.join("\n", differences));
    }

    /** The model after this many calls of the script. */
    public Model modelAfter(int calls) {
        Model model = new Model();
        script.subList(0, calls).forEach(step -> apply(step, model));
        return model;
    }

    private static void apply(Step step, Model model) {
        Call call = Rebase.resolve(step, model);
        if (call != null) {
            call.on(model);
        }
    }

    /** How a recovered state differs from the model, apart from releases that came undone; null if it does not. */
    public static @Nullable Difference crashDifference(Model model, Picture found) {
        Picture expected = model.picture().asSeenLike(found);
        if (!expected.groups().keySet().equals(found.groups().keySet())) {
            return new Difference(
                    Part.GROUPS,
                    "the groups are " + found.groups().keySet() + " instead of "
                            + expected.groups().keySet());
        }
        for (String name : expected.groups().keySet()) {
            Difference difference =
                    crashDifference(name, expected.group(name), found.group(name), model.released(name));
            if (difference != null) {
                return difference;
            }
        }
        return found.sequence() == Picture.UNKNOWN_SEQUENCE || found.sequence() == model.sequence()
                ? null
                : new Difference(
                        Part.SEQUENCE, "the sequence is " + found.sequence() + " instead of " + model.sequence());
    }

    private static @Nullable Difference crashDifference(
            String name, Picture.Group expected, Picture.Group found, NavigableMap<Long, Entry> released) {
        GroupState want = expected.state();
        GroupState have = found.state();
        Difference difference = Picture.stateDifference(name, want, have);
        if (difference != null) {
            return difference;
        }
        boolean firstAllowed = have.firstIndex() == want.firstIndex()
                || (have.firstIndex() < want.firstIndex() && released.containsKey(have.firstIndex()));
        if (!firstAllowed || want.lastIndex() != have.lastIndex()) {
            return new Difference(
                    Part.BOUNDS,
                    "group '" + name + "': the log is " + Picture.bounds(have) + " instead of " + Picture.bounds(want));
        }
        List<Entry> all = new ArrayList<>(
                released.subMap(have.firstIndex(), true, Math.max(have.firstIndex(), want.firstIndex()), false)
                        .values());
        all.addAll(expected.entries());
        return Picture.entryDifference(name, all, found.entries());
    }
}
