// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.spi.GroupState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Oracle;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Rebase;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A script with the state that the model is in after each of its calls. Immutable but for the models, which are not changed. */
final class Workload {

    /** A state that may be found. */
    private record State(int call, boolean complete, Model model) {}

    private final long seed;
    private final List<@Nullable Call> calls = new ArrayList<>();
    private final List<Model> models = new ArrayList<>(); // after 0, 1, .. calls
    private final Map<String, List<State>> statesByOutline = new HashMap<>();

    Workload(long seed, int steps, Subject subject) {
        this.seed = seed;
        Script.Shape shape = subject.shape();
        List<Step> script = Filling.into(Script.generate(seed, steps, shape), shape.groups(), seed);
        Oracle oracle = new Oracle(script);
        Model model = new Model();
        add(new State(0, true, oracle.modelAfter(0)));
        for (int number = 1; number <= script.size(); number++) {
            Call call = Rebase.resolve(script.get(number - 1), model);
            calls.add(call);
            if (call != null) {
                for (List<Update> accepted : subject.acceptedBefore(call, model)) {
                    Model partial = oracle.modelAfter(number - 1);
                    partial.saveEntries(partial.sequence(), accepted);
                    add(new State(number, false, partial));
                }
                call.on(model);
            }
            add(new State(number, true, oracle.modelAfter(number)));
        }
    }

    private void add(State state) {
        if (state.complete()) {
            models.add(state.model());
        }
        statesByOutline
                .computeIfAbsent(outline(state.model().picture()), key -> new ArrayList<>())
                .add(state);
    }

    long seed() {
        return seed;
    }

    int length() {
        return calls.size();
    }

    @Nullable
    Call call(int number) {
        return calls.get(number - 1);
    }

    /** Makes all calls from this one on. */
    void run(SimulatedDisk disk, Subject.Session session, int first) throws IOException {
        run(disk, session, first, length());
    }

    /** Makes the calls first..last, and notes in the log when each begins and has returned. */
    void run(SimulatedDisk disk, Subject.Session session, int first, int last) throws IOException {
        for (int number = first; number <= last; number++) {
            disk.started(number);
            Call call = call(number);
            if (call != null) {
                call.on(session);
            }
            int acknowledged = number;
            session.whenDurable(() -> disk.acknowledged(acknowledged));
        }
    }

    /** Whether this call makes a change that has to survive; a release may come undone. */
    boolean isDurableChange(int number) {
        Call call = call(number);
        return call != null && !(call instanceof Call.Release) && !(call instanceof Call.Reopen);
    }

    /** Where in the script the state may be the one that was found after a crash. */
    Matches matches(Picture found) {
        Matches matches = new Matches(new BitSet(), new BitSet());
        for (State state : statesByOutline.getOrDefault(outline(found), List.of())) {
            if (Oracle.crashDifference(state.model(), found) == null) {
                (state.complete() ? matches.after() : matches.during()).set(state.call());
            }
        }
        return matches;
    }

    /** The outline of the state after this many calls. */
    String outline(int count) {
        return outline(models.get(count).picture());
    }

    /** Everything after this many calls. */
    Picture picture(int count) {
        return models.get(count).picture();
    }

    /** A part of a picture that differs between most states and is quickly compared. */
    static String outline(Picture picture) {
        StringBuilder text = new StringBuilder();
        picture.groups().forEach((name, group) -> {
            GroupState state = group.state();
            text.append(name).append(": last ").append(state.lastIndex()).append(' ');
            text.append(state.hardState()).append(' ').append(pointer(state)).append("; ");
        });
        return text.toString();
    }

    private static String pointer(GroupState state) {
        SnapshotPointer pointer = state.snapshot();
        return pointer == null ? "no snapshot" : "snapshot " + pointer.index() + " of term " + pointer.term();
    }
}
