// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Oracle;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A script run by children that are killed. The next one goes on where the last one was killed; in between this process
 * recovers and judges.
 */
final class KillRun {

    private static final int KILLED = 128 + 9;

    private final Plug plug;
    private final Path work;
    private final Path storage;
    private final Path kept;
    private final long seed;
    private final int steps;
    private final List<String> flags;
    private final List<Step> script;
    private final Oracle oracle;
    private int acknowledged; // calls that had returned
    private int started; // calls that had been made
    private int keptAcknowledged;
    private int keptStarted;
    private long recoveryNanos = 50_000_000; // how long the last child took to open

    KillRun(Plug plug, Path directory, long seed, int steps) throws IOException {
        this(plug, directory, seed, steps, List.of());
    }

    /** One whose children are started with these flags of the JVM. */
    KillRun(Plug plug, Path directory, long seed, int steps, List<String> flags) throws IOException {
        this.plug = plug;
        this.work = Files.createDirectories(directory.resolve("child"));
        this.storage = directory.resolve("storage");
        this.kept = directory.resolve("kept");
        this.seed = seed;
        this.steps = steps;
        this.flags = flags;
        this.script = CrashScript.of(seed, steps);
        this.oracle = new Oracle(script);
    }

    Path storage() {
        return storage;
    }

    boolean isAtEnd() {
        return started >= script.size() - 1;
    }

    /** What is done beside a child before it is killed. */
    @FunctionalInterface
    interface Beside {
        void run(long pid) throws IOException;
    }

    /** Kills a child after this many calls have returned, and this many nanoseconds later. */
    void killWhileSaving(int calls, long laterNanos) throws IOException, InterruptedException {
        killWhileSavingAfter(calls, pid -> LockSupport.parkNanos(laterNanos));
    }

    /** Kills a child after this many calls have returned and something else was done. */
    void killWhileSavingAfter(int calls, Beside beside) throws IOException, InterruptedException {
        try (Fork child = start()) {
            awaitOpen(child);
            String line = child.line();
            for (int returned = 0; line != null; line = child.line()) {
                note(line);
                if (line.startsWith(KillChild.RETURNED) && ++returned == calls) {
                    beside.run(child.pid());
                    child.kill();
                }
            }
            mustNotHaveFailed(child);
        }
    }

    /** Lets a child make all calls and close. */
    void runToItsEnd() throws IOException, InterruptedException {
        killWhileSaving(Integer.MAX_VALUE, 0);
    }

    /** Lets a child make the calls up to and with this one and close. */
    void runTo(int lastCall) throws IOException, InterruptedException {
        boolean ended = traced(List.of(), lastCall);
        Check.that(ended, () -> "a child was killed by somebody else");
    }

    /** Kills a child while it opens: at this fraction of the time that opening took the last time. */
    void killWhileRecovering(double fraction) throws IOException, InterruptedException {
        try (Fork child = start()) {
            String line = child.line();
            if (line == null) {
                cannotStart(child, null);
            }
            LockSupport.parkNanos((long) (fraction * recoveryNanos));
            child.kill();
            for (; line != null; line = child.line()) {
                note(line);
            }
            mustNotHaveFailed(child);
        }
    }

    /** Recovers in this process and compares with the states that are allowed; the script goes on from what was found. */
    void recoverAndJudge() throws IOException {
        Picture found;
        try (WholeStorage recovered = WholeStorage.open(plug, storage)) {
            found = recovered.picture();
        }
        Oracle.Verdict verdict = oracle.judge(found, acknowledged, started);
        Check.that(
                verdict.calls().isPresent(),
                () -> "after SIGKILL with " + acknowledged + " calls acknowledged and " + started
                        + " started, the recovered state is none that is allowed:\n" + verdict.text());
        acknowledged = verdict.calls().getAsInt();
        started = acknowledged;
    }

    /** Forgets everything: the next child begins in an empty directory. */
    void beginAnew() throws IOException {
        Trees.delete(storage);
        acknowledged = 0;
        started = 0;
    }

    /** Keeps what there is now. */
    void keep() throws IOException {
        Trees.delete(kept);
        Trees.copy(storage, kept);
        keptAcknowledged = acknowledged;
        keptStarted = started;
    }

    /** Back to what was kept. */
    void restore() throws IOException {
        Trees.delete(storage);
        Trees.copy(kept, storage);
        acknowledged = keptAcknowledged;
        started = keptStarted;
    }

    /** A child under a tracer, up to and with this call; the tracer may kill it. Whether it came to its end. */
    boolean traced(List<String> tracer, int lastCall) throws IOException, InterruptedException {
        try (Fork child = start(tracer, lastCall)) {
            for (String line = child.line(); line != null; line = child.line()) {
                note(line);
            }
            mustNotHaveFailed(child);
            int status = child.exitStatus();
            if (status != 0 && status != KILLED) {
                String ended = " ended with status " + status + ": " + child.complaint();
                boolean isTheirs = tracer.isEmpty() && !child.didNotBegin(KillChild.class);
                throw isTheirs
                        ? Check.fail("a child" + ended)
                        : new NotRun("a child" + (tracer.isEmpty() ? "" : " under strace") + ended);
            }
            return status == 0;
        }
    }

    /** Makes the next calls in this process, closes, opens again and compares. Only after {@link #recoverAndJudge}. */
    void goOnHere(int calls) throws IOException {
        Model model;
        try (WholeStorage storage = WholeStorage.open(plug, this.storage)) {
            model = new ScriptRun(script, acknowledged, started)
                    .goOn(storage, acknowledged + calls, ScriptRun.Progress.SILENT);
        }
        Picture found;
        try (WholeStorage reopened = WholeStorage.open(plug, storage)) {
            found = reopened.picture();
        }
        Picture.Difference difference = Oracle.crashDifference(model, found);
        Check.that(
                difference == null,
                () -> "after SIGKILL and a recovery " + calls
                        + " more calls were made and the storage closed and opened: "
                        + (difference == null ? "" : difference.text()));
    }

    private Fork start() throws IOException {
        return start(List.of(), Integer.MAX_VALUE);
    }

    private Fork start(List<String> under, int lastCall) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                plug.provider().getClass().getName(),
                storage.toString(),
                Long.toString(seed),
                Integer.toString(steps),
                Integer.toString(acknowledged),
                Integer.toString(started),
                Integer.toString(lastCall)));
        arguments.addAll(plug.asArguments());
        return Fork.start(under, flags, KillChild.class, work, arguments);
    }

    private void awaitOpen(Fork child) throws IOException, InterruptedException {
        String line = child.line();
        long opening = System.nanoTime();
        if (KillChild.OPENING.equals(line)) {
            line = child.line();
        }
        if (!KillChild.OPEN.equals(line)) {
            cannotStart(child, line);
        }
        recoveryNanos = System.nanoTime() - opening;
    }

    private void note(String line) {
        if (line.startsWith(KillChild.STARTED)) {
            started = Integer.parseInt(line.substring(KillChild.STARTED.length()));
        } else if (line.startsWith(KillChild.RETURNED)) {
            acknowledged = Integer.parseInt(line.substring(KillChild.RETURNED.length()));
        }
    }

    private static void mustNotHaveFailed(Fork child) throws IOException, InterruptedException {
        int status = child.exitStatus();
        if (status == KillChild.COULD_NOT_START || status == KillChild.CAN_NOT_MAKE_PROVIDER) {
            cannotStart(child, null);
        }
        Check.that(status != KillChild.FAILED, () -> {
            try {
                return "a child that went on after SIGKILL failed: " + child.complaint();
            } catch (IOException e) {
                return "a child that went on after SIGKILL failed";
            }
        });
    }

    private static void cannotStart(Fork child, @Nullable String line) throws IOException, InterruptedException {
        int status = child.exitStatus();
        if (status == KillChild.FAILED) {
            throw Check.fail("a child could not open the storage: " + child.complaint());
        }
        if (status == KillChild.CAN_NOT_MAKE_PROVIDER) {
            throw new NotRun("a child process can not make the provider: " + child.complaint());
        }
        if (child.didNotBegin(KillChild.class)) {
            throw new NotRun("a child process can not be started as this one was: " + child.complaint());
        }
        throw Check.fail("a child process can not run the backend (exit status " + status + ", output '" + line + "'): "
                + child.complaint());
    }
}
