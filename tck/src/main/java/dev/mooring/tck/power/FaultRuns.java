// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.spi.HardState;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.CrashSummary;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Fault;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.Recording;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.power.RecoveryCheck.Inner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes one call of the disk fail and looks at everything after it: what the caller is told, that nothing more is accepted,
 * what is there after a reopen, and after a power cut too. Runs may be made side by side.
 */
public final class FaultRuns {

    private static final String DATA = "/data/";
    private static final int STEPS = 20;
    private static final int POWER_CUT_STATES = 12;
    private static final int ONE_INNER = 6;
    private static final int INNER_STATES = 3;

    private final CoreSubject subject;
    private final DiskModel model;
    private final Workload workload;
    private final After after;
    private final Consumer<? super Exception> heard;
    private final AtomicLong runs = new AtomicLong();
    private final AtomicLong states = new AtomicLong();
    private volatile @Nullable Recording unclean; // of a run without faults, once it was made

    /** What becomes of the machine after the fault. */
    public enum After {
        /** The process dies, power stays. */
        KILL,
        /** Power is cut, too, in some ways, and in one of six recoveries. */
        SOME_POWER_CUTS,
        /** In five times as many, and in each recovery. */
        MANY_POWER_CUTS
    }

    /**
     * Runs the script of this seed.
     *
     * @param after no more than the backend claims to survive
     * @param heard is given every error that the storage throws; by several threads, where runs are made side by side
     */
    public FaultRuns(CoreSubject subject, DiskModel model, long seed, After after, Consumer<? super Exception> heard) {
        this.after = after;
        this.heard = heard;
        this.subject = subject;
        this.model = model;
        this.workload = new Workload(seed, STEPS, subject);
    }

    /** Runs with a fault so far. */
    public long runs() {
        return runs.get();
    }

    /** Crash states judged so far. */
    public long states() {
        return states.get();
    }

    private SimulatedDisk newDisk() {
        return SimulatedDisk.create(workload.seed(), model);
    }

    private interface Step {
        void run() throws IOException;
    }

    /** What must be an IOException if it fails at all, and not something that nobody expects. */
    private boolean succeeds(String what, List<IOException> failures, Step step) {
        try {
            step.run();
            return true;
        } catch (IOException e) {
            failures.add(e);
            heard.accept(e);
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError(what + " threw " + e + " instead of an IOException", e);
        }
    }

    /** How many calls of this kind a run without faults makes. */
    public int calls(Operation operation) throws IOException {
        SimulatedDisk disk = newDisk();
        try (Subject.Session session = subject.open(disk.root())) {
            workload.run(disk, session, 1);
        }
        return disk.calls(operation);
    }

    /** One call fails, once, with EIO. */
    public void oneFails(Operation operation, int nth) throws Exception {
        oneFails(operation, nth, Failure.EIO);
    }

    /** One call fails, once; the same call made again passes. */
    public void oneFails(Operation operation, int nth, Failure failure) throws Exception {
        run(
                operation + " " + nth + " fails once with " + failure,
                failure,
                disk -> disk.inject(Fault.once(operation, nth, failure)));
    }

    /** From one call on all of this kind fail. */
    public void allFail(Operation operation, int nth, Failure failure) throws Exception {
        run(
                operation + " fails with " + failure + " from call " + nth + " on",
                failure,
                disk -> disk.inject(Fault.from(operation, nth, failure)));
    }

    /** The disk has room for this many bytes only. */
    public void fullAt(long bytes) throws Exception {
        run("the disk is full at " + bytes + " bytes", Failure.ENOSPC, disk -> disk.limitBytes(bytes));
    }

    /** No more than this many files may be open. */
    public void openFilesLimitedTo(int count) throws Exception {
        run("no more than " + count + " files may be open", Failure.EMFILE, disk -> disk.limitOpenFiles(count));
    }

    /** Space that a run without faults takes at its end, in bytes. */
    public long usedBytes() throws IOException {
        SimulatedDisk disk = newDisk();
        try (Subject.Session session = subject.open(disk.root())) {
            workload.run(disk, session, 1);
            return disk.usedBytes();
        }
    }

    /** Every write stops short and says so: nothing may fail, for the caller just goes on writing. */
    public void shortWrites() throws Exception {
        allAreShort(Operation.WRITE, Failure.SHORT_WRITE);
    }

    /** Every read gives less than there is and says so: nothing may fail, for the caller just goes on reading. */
    public void shortReads() throws Exception {
        allAreShort(Operation.READ, Failure.SHORT_READ);
    }

    private void allAreShort(Operation operation, Failure failure) throws Exception {
        Fault fault = Fault.from(operation, 1, failure);
        Recording written = uncleanRun(fault);
        // the next one reads all of it
        SimulatedDisk disk = CrashExplorer.of(written).kill(written.length());
        disk.inject(fault);
        runs.incrementAndGet();
        try (Subject.Session session = subject.open(disk.root())) {
            if (!workload.matches(session.picture()).after().get(workload.length())) {
                throw new AssertionError("with every " + failure + " there is, something is missing at the end: "
                        + Workload.outline(session.picture()) + " instead of "
                        + workload.outline(workload.length()));
            }
        }
    }

    /** The whole script on a new disk, up to the moment before the storage is closed. */
    private Recording uncleanRun(Fault... faults) throws IOException {
        SimulatedDisk disk = newDisk();
        for (Fault fault : faults) {
            disk.inject(fault);
        }
        try (Subject.Session session = subject.open(disk.root())) {
            workload.run(disk, session, 1);
            return disk.recording();
        }
    }

    /** Where the process died that a recovery comes after. */
    public enum End {
        /** After the last call, without a close. */
        AFTER_ALL_CALLS,
        /** Just before the last force of a file, so that the page cache shows what is not on the disk. */
        BEFORE_A_FORCE
    }

    private SimulatedDisk died(End end) throws IOException {
        Recording written = unclean;
        if (written == null) {
            written = uncleanRun();
            unclean = written;
        }
        int lastForce = end == End.BEFORE_A_FORCE ? written.lastForce(DATA) : -1;
        return CrashExplorer.of(written).kill(lastForce < 0 ? written.length() : lastForce);
    }

    /** How many calls of this kind a recovery makes of the backend's own directory, everything being read after it. */
    public int callsOfRecovery(End end, Operation operation) throws IOException {
        SimulatedDisk disk = died(end);
        AtomicInteger calls = new AtomicInteger();
        Predicate<String> counting = path -> {
            calls.addAndGet(path.contains(DATA) ? 1 : 0);
            return false;
        };
        disk.inject(new Fault(operation, counting, 1, 1, Failure.EIO));
        try (Subject.Session session = subject.open(disk.root())) {
            session.picture();
        }
        return calls.get();
    }

    /** After an unclean end one call of the recovery fails, once. */
    public void oneFailsInRecovery(End end, Operation operation, int nth, Failure failure) throws Exception {
        recover(
                operation + " " + nth + " of a recovery fails with " + failure + ", " + end,
                died(end),
                disk -> disk.inject(Fault.once(operation, nth, failure).on(DATA)));
    }

    /** After an unclean end the disk has room for so many bytes more. */
    public void fullInRecovery(End end, long bytes) throws Exception {
        recover(
                "there is room for " + bytes + " bytes in a recovery, " + end,
                died(end),
                disk -> disk.limitBytes(disk.usedBytes() + bytes));
    }

    /** After an unclean end from one call on all of this kind fail. */
    public void allFailInRecovery(End end, Operation operation, int nth, Failure failure) throws Exception {
        recover(
                operation + " of a recovery fails with " + failure + " from call " + nth + " on, " + end,
                died(end),
                disk -> disk.inject(Fault.from(operation, nth, failure).on(DATA)));
    }

    /** FAULT-1, CRASH-4: a recovery in trouble may fail; what it reports stays there, and nothing is lost. */
    private void recover(String what, SimulatedDisk disk, Consumer<SimulatedDisk> trouble) throws Exception {
        int begin = disk.recording().length();
        int acked = disk.recording().acknowledgedAt(begin);
        int started = disk.recording().startedAt(begin);
        trouble.accept(disk);
        runs.incrementAndGet();
        try {
            int reported = Math.max(acked, reportedInTrouble(disk, acked, started));
            disk.heal();
            if (!disk.openFiles().isEmpty()) {
                throw new AssertionError("after it these are open still: " + disk.openFiles());
            }
            RecoveryCheck.once(subject, workload).recover(killed(disk)).judge(reported, started);
            if (after != After.KILL) {
                powerFailsAfter(disk, disk.recording().length() - 2, POWER_CUT_STATES / 2);
            }
        } catch (AssertionError | IOException e) {
            throw new AssertionError(
                    what + " (script of seed " + workload.seed() + ", " + model + "): " + e.getMessage(), e);
        }
    }

    /** The number of calls of which it reports everything; 0 if it can not be opened, or not be read. */
    private int reportedInTrouble(SimulatedDisk disk, int acked, int started) {
        List<IOException> failures = new ArrayList<>();
        Subject.Session[] opened = new Subject.Session[1];
        if (!succeeds("open", failures, () -> opened[0] = subject.open(disk.root()))) {
            return 0;
        }
        Picture[] found = new Picture[1];
        int reported = 0;
        if (succeeds("a read", failures, () -> found[0] = opened[0].picture())) {
            Matches matches = workload.matches(found[0]);
            if (!matches.allowed(acked, started)) {
                throw new AssertionError(
                        "it opened with " + Workload.outline(found[0]) + " instead of " + workload.outline(acked));
            }
            reported = matches.latest();
            disk.acknowledged(Math.min(Math.max(acked, reported), started));
        }
        succeeds("close", failures, opened[0]::close);
        return Math.min(reported, started);
    }

    private void powerFailsAfter(SimulatedDisk disk, int position, long budget) {
        CrashSummary summary = CrashExplorer.of(disk.recording())
                .from(Math.max(0, position))
                .statesPerPosition(12)
                .budget(budget, Long.MAX_VALUE)
                .explore(RecoveryCheck.once(subject, workload));
        states.addAndGet(summary.states());
        if (summary.broken() > 0) {
            throw new AssertionError(
                    "and a power cut after it: " + summary.violations().get(0));
        }
    }

    /**
     * After a whole script the process dies, and what the next one asks for of the backend's own directory is refused
     * once, for a reason that says nothing about what is there. That is an error and nothing else: what can not be seen
     * is neither missing nor damaged.
     */
    public void reopeningIsRefused(Operation operation, int nth, Failure failure) throws Exception {
        SimulatedDisk disk = died(End.AFTER_ALL_CALLS);
        disk.inject(Fault.once(operation, nth, failure).on(DATA));
        runs.incrementAndGet();
        List<IOException> failures = new ArrayList<>();
        String what = operation + " " + nth + " of an opening fails with " + failure;
        succeeds(what, failures, () -> subject.open(disk.root()).close());
        if (!failures.isEmpty() && failures.get(0) instanceof StorageException.Corrupted) {
            throw new AssertionError(
                    what + ", which was called damage: " + failures.get(0).getMessage());
        }
        disk.heal();
        try {
            RecoveryCheck.once(subject, workload).recover(killed(disk)).judge(workload.length(), workload.length());
        } catch (AssertionError | IOException e) {
            throw new AssertionError(what + ", and the next one finds something else: " + e.getMessage(), e);
        }
    }

    /** After an unclean end the disk is mounted read-only: the opening says so, and the next one finds everything. */
    public void reopeningReadOnly() throws Exception {
        SimulatedDisk disk = died(End.AFTER_ALL_CALLS);
        disk.readOnly();
        runs.incrementAndGet();
        List<IOException> failures = new ArrayList<>();
        succeeds("open", failures, () -> subject.open(disk.root()).close());
        if (failures.isEmpty() || !failures.get(0).toString().contains("Read-only file system")) {
            throw new AssertionError("a read-only disk is not said to be one, but: " + failures);
        }
        disk.heal();
        RecoveryCheck.once(subject, workload).recover(killed(disk)).judge(workload.length(), workload.length());
    }

    private static SimulatedDisk killed(SimulatedDisk disk) {
        return CrashExplorer.of(disk.recording()).kill(disk.recording().length());
    }

    private void run(String what, Failure failure, Consumer<SimulatedDisk> fault) throws Exception {
        runs.incrementAndGet();
        SimulatedDisk disk = newDisk();
        fault.accept(disk);
        try {
            Progress progress = untilFailure(disk);
            disk.heal();
            if (!disk.openFiles().isEmpty()) {
                throw new AssertionError("after close these are open still: " + disk.openFiles());
            }
            // a device that can not read may be damaged; a disk that is full, or a limit that is reached, is not
            if (failure != Failure.EIO && progress.failure() instanceof StorageException.Corrupted damage) {
                throw new AssertionError("it was called damage: " + damage.getMessage(), damage);
            }
            checkAfterwards(disk, progress);
        } catch (AssertionError e) {
            throw new AssertionError(
                    what + " (script of seed " + workload.seed() + ", " + model + "): " + e.getMessage(), e);
        }
    }

    private record Progress(
            int acked, int started, int failedAt, @Nullable IOException failure) {}

    private Progress untilFailure(SimulatedDisk disk) {
        List<IOException> failures = new ArrayList<>();
        Subject.Session[] opened = new Subject.Session[1];
        if (!succeeds("open", failures, () -> opened[0] = subject.open(disk.root()))) {
            return new Progress(0, 0, disk.recording().length(), failures.get(0));
        }
        Subject.Session session = opened[0];
        int acked = 0;
        int started = 0;
        while (started < workload.length() && failures.isEmpty()) {
            started++;
            disk.started(started);
            Call call = workload.call(started);
            if (call == null || succeeds("call " + started + ", " + call, failures, () -> call.on(session))) {
                acked = started;
                disk.acknowledged(started);
            }
        }
        int failedAt = disk.recording().length();
        if (!failures.isEmpty()) {
            checkFailStop(session, workload.call(started), failures.get(0));
        }
        succeeds("close", failures, session::close);
        List<String> retried = disk.recording().forcedAgainAfterFailure();
        if (!retried.isEmpty()) {
            throw new AssertionError("a force that had failed was tried again: " + retried);
        }
        return new Progress(acked, started, failedAt, failures.isEmpty() ? null : failures.get(0));
    }

    /** FAULT-2: nothing more is accepted, and what is durable can be read. */
    private void checkFailStop(Subject.Session session, @Nullable Call failed, IOException first) {
        if (failed instanceof Call.Reopen
                || first instanceof StorageException.Corrupted
                || (failed instanceof Call.SaveSnapshot && !(first instanceof StorageException.Failed))) {
            return; // it is closed; or what can not be read is one group's; or what could not be staged, one snapshot's
        }
        if (!(first instanceof StorageException)) {
            throw new AssertionError(failed + " failed with " + first + ", which is no StorageException");
        }
        List<IOException> failures = new ArrayList<>();
        boolean saved = succeeds(
                "a save after the failure",
                failures,
                () -> session.saveEntries(
                        1,
                        List.of(new Update(
                                "probe",
                                null,
                                List.of(Payloads.entry("probe", 1, 1, Payloads.bytes(1, 100))),
                                new HardState(1, null, -1),
                                null))));
        if (saved) {
            throw new AssertionError("after " + failed + " failed with " + first + ", the next save was accepted");
        }
        if (!(failures.get(0) instanceof StorageException.Failed)) {
            throw new AssertionError(
                    "after a failure the next save throws " + failures.get(0) + " instead of StorageException.Failed");
        }
        if (root(failures.get(0)) != root(first)) {
            throw new AssertionError("after a failure with " + first + ", the next save throws " + failures.get(0)
                    + ", whose cause is not that one");
        }
        if (session instanceof CoreSession core) {
            // of a group whose drop failed nobody knows whether it is there
            succeedsReading(core, failed instanceof Call.Drop drop ? drop.group() : "", first);
        }
    }

    private static Throwable root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private void succeedsReading(CoreSession session, String except, IOException first) {
        List<IOException> failures = new ArrayList<>();
        if (!succeeds("a read after the failure", failures, () -> session.readDurable(except))) {
            throw new AssertionError(
                    "after " + first + ", what is durable can not be read: " + failures.get(0), failures.get(0));
        }
    }

    /** FAULT-1 and -3, CRASH-4: the next process finds what was acknowledged, and so does the one after a power cut. */
    private void checkAfterwards(SimulatedDisk disk, Progress progress) throws Exception {
        boolean many = after == After.MANY_POWER_CUTS;
        RecoveryCheck reopening = after == After.KILL
                ? RecoveryCheck.once(subject, workload)
                : new RecoveryCheck(
                        subject,
                        workload,
                        new Inner(many ? 1 : ONE_INNER, INNER_STATES),
                        System.nanoTime() + 60_000_000_000L,
                        Long.MAX_VALUE);
        SimulatedDisk next =
                CrashExplorer.of(disk.recording()).kill(disk.recording().length());
        reopening.recover(next).judge(progress.acked(), progress.started());
        states.addAndGet(reopening.innerStates());

        if (after == After.KILL) {
            return;
        }
        powerFailsAfter(
                disk,
                Math.min(progress.failedAt(), disk.recording().length()) - 2,
                many ? 5 * POWER_CUT_STATES : POWER_CUT_STATES);
    }
}
