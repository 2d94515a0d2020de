// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.CrashSummary;
import dev.mooring.tck.disk.DiskImage;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.power.RecoveryCheck.Inner;
import java.io.IOException;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Records workloads and explores what power cuts leave of them, until a budget is spent. */
public final class PowerCuts {

    private static final int STEPS = 36;
    private static final int STATES_PER_POSITION = 20;
    private static final Inner INNER = new Inner(24, 3);
    // what counts are the power cuts after a kill; with more of them the budget would not reach the end of the script
    private static final Inner INNER_OF_KILLS = new Inner(12, 6);
    private static final int THREADS = 2;

    private final Subject subject;
    private final long seed;
    private final Consumer<Outcome> listener;

    /** Explores this subject. */
    public PowerCuts(Subject subject, long seed) {
        this(subject, seed, sofar -> {});
    }

    private PowerCuts(Subject subject, long seed, Consumer<Outcome> listener) {
        this.subject = subject;
        this.seed = seed;
        this.listener = listener;
    }

    /** The same, which tells a listener after each script what was explored so far. */
    public PowerCuts whileExploring(Consumer<Outcome> listener) {
        return new PowerCuts(subject, seed, listener);
    }

    /**
     * What was explored.
     *
     * @param workloads scripts that were recorded
     * @param states crash states judged, those of crashed recoveries included
     * @param distinct images opened, without those of crashed recoveries
     * @param nanos time it took
     * @param broken text of the smallest violation of the first workload that has one; empty if none has
     */
    public record Outcome(int workloads, long states, long distinct, long nanos, String broken) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d crash states of %d workloads, %d distinct images opened, %.1f s%s",
                    states,
                    workloads,
                    distinct,
                    nanos / 1e9,
                    broken.isEmpty() ? "" : ": " + broken);
        }
    }

    /** Lets power fail until this many states were judged, or this many nanoseconds have passed, or something is broken. */
    public Outcome powerFails(DiskModel model, long maxStates, long maxNanos) throws IOException {
        return explore(model, maxStates, maxNanos, INNER, CrashExplorer::threads);
    }

    /**
     * Lets the process die, at every position, and power fail while the next one recovers and right after it has reported
     * (CRASH-4).
     */
    public Outcome processDies(DiskModel model, long maxStates, long maxNanos) throws IOException {
        return explore(
                model,
                maxStates,
                maxNanos,
                INNER_OF_KILLS,
                (explorer, threads) -> explorer.kills().threads(threads));
    }

    private Outcome explore(
            DiskModel model,
            long maxStates,
            long maxNanos,
            Inner inner,
            BiFunction<CrashExplorer, Integer, CrashExplorer> mode)
            throws IOException {
        long begin = System.nanoTime();
        long states = 0;
        long distinct = 0;
        int workloads = 0;
        while (states < maxStates && System.nanoTime() - begin < maxNanos) {
            Workload workload = new Workload(seed + workloads, STEPS, subject);
            RecoveryCheck check = new RecoveryCheck(subject, workload, inner, begin + maxNanos, maxStates - states);
            CrashExplorer explorer = CrashExplorer.of(record(workload, model).recording())
                    .statesPerPosition(STATES_PER_POSITION)
                    .budget(maxStates - states, maxNanos - (System.nanoTime() - begin));
            CrashSummary summary = mode.apply(explorer, THREADS).explore(check);
            workloads++;
            states += summary.states() + check.innerStates();
            distinct += summary.distinct();
            if (summary.broken() > 0) {
                return new Outcome(
                        workloads,
                        states,
                        distinct,
                        System.nanoTime() - begin,
                        summary.broken() + " violations in the script of seed " + workload.seed() + "; the smallest: "
                                + summary.violations().get(0));
            }
            listener.accept(new Outcome(workloads, states, distinct, System.nanoTime() - begin, ""));
        }
        return new Outcome(workloads, states, distinct, System.nanoTime() - begin, "");
    }

    /** A disk on which the workload was run from beginning to end. */
    SimulatedDisk record(Workload workload, DiskModel model) throws IOException {
        SimulatedDisk disk = SimulatedDisk.mount(prepared(model), workload.seed(), model);
        try (Subject.Session session = subject.open(disk.root())) {
            workload.run(disk, session, 1);
        }
        return disk;
    }

    private DiskImage prepared(DiskModel model) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(seed, model);
        subject.prepare(disk.root());
        return disk.image();
    }
}
