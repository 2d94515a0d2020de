// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.tck.CallTrace.Kind;
import dev.mooring.tck.CallTrace.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Kills children at the n-th write, sync, rename and unlink that they make in the data directory, as no kill at a random
 * moment can be relied on to do. A first child shows how many there are.
 */
final class SystemCallKills {

    private static final int STEPS = 120; // enough for small files to fill
    private static final int CALLS_BEFORE_RECOVERY = 40;
    private static final int CALLS_AFTERWARDS = 12;
    // threads may share the work in another way than when their calls were counted
    private static final int ATTEMPTS = 3;

    private final Strace strace;
    private final Path directory;
    private final KillRun run;
    private final Random random;

    SystemCallKills(Strace strace, Plug plug, Path directory, long seed) throws IOException {
        this.strace = strace;
        this.directory = directory;
        this.run = new KillRun(plug, directory, seed, STEPS);
        this.random = new Random(seed);
    }

    /** Kills at this many places of each kind, from an empty directory to the close of the storage. */
    Killed whileSaving(int placesOfEachKind) throws IOException, InterruptedException {
        strace.require(directory);
        run.beginAnew();
        CallTrace calls = list(Integer.MAX_VALUE);
        return killAtAll(calls, placesOfEachKind, Integer.MAX_VALUE, run::beginAnew, "it saved");
    }

    /** The same while a storage recovers whose process was killed, and is then killed once more on the way. */
    Killed whileRecovering(int placesOfEachKind) throws IOException, InterruptedException {
        strace.require(directory);
        killWithSomethingLeftToRemove();
        run.keep();
        return killAtAll(list(0), placesOfEachKind, 0, run::restore, "it recovered");
    }

    /**
     * A recovery that finds nothing half done unlinks nothing, and could not be killed at it: the process dies where a
     * snapshot is given its name or loses it, else where some file of the backend is, else at any moment.
     */
    private void killWithSomethingLeftToRemove() throws IOException, InterruptedException {
        run.beginAnew();
        List<Place> renames = list(Integer.MAX_VALUE).places(Kind.RENAME, Integer.MAX_VALUE, random);
        for (String part : List.of("snapshots", "data")) {
            List<Place> below = renames.stream()
                    .filter(place -> isBelow(place, run.storage().resolve(part)))
                    .toList();
            if (!below.isEmpty()
                    && isKilled(below.get(random.nextInt(below.size())), Integer.MAX_VALUE, run::beginAnew)) {
                return;
            }
        }
        run.beginAnew();
        run.killWhileSaving(CALLS_BEFORE_RECOVERY, random.nextInt(500_000));
    }

    private static boolean isBelow(Place place, Path directory) {
        Path path = place.path();
        return path != null && path.startsWith(directory) && !path.equals(directory);
    }

    private Killed killAtAll(
            CallTrace calls, int placesOfEachKind, int lastCall, Preparation preparation, String meanwhile)
            throws IOException, InterruptedException {
        Map<Kind, Integer> kills = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            List<Place> places = calls.places(kind, most(kind, placesOfEachKind), random);
            int killed = 0;
            for (Place place : places) {
                killed += isKilled(place, lastCall, preparation) ? 1 : 0;
                judge(place, meanwhile);
            }
            if (killed == 0 && !places.isEmpty()) {
                throw new NotRun("no child came to the system call that it was to be killed at, one of " + places);
            }
            kills.put(kind, killed);
        }
        return new Killed(meanwhile, kills);
    }

    private CallTrace list(int lastCall) throws IOException, InterruptedException {
        Path trace = directory.resolve("trace.txt");
        run.traced(strace.listing(Kind.allCalls(), trace), lastCall);
        run.recoverAndJudge();
        CallTrace calls = CallTrace.read(trace, run.storage());
        Files.delete(trace);
        return calls;
    }

    /** Renames and unlinks are few, and each is a step from one state of the files to another: twice as many of them. */
    private static int most(Kind kind, int placesOfEachKind) {
        return kind == Kind.RENAME || kind == Kind.UNLINK ? 2 * placesOfEachKind : placesOfEachKind;
    }

    private boolean isKilled(Place place, int lastCall, Preparation preparation)
            throws IOException, InterruptedException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            preparation.run();
            if (!run.traced(strace.killingAt(place), lastCall)) {
                return true;
            }
        }
        return false;
    }

    private interface Preparation {
        void run() throws IOException;
    }

    private void judge(Place place, String meanwhile) throws IOException {
        try {
            run.recoverAndJudge();
            run.goOnHere(CALLS_AFTERWARDS);
        } catch (IOException | RuntimeException | AssertionError e) {
            Check.Observation seen = new Check.Observation("a process was killed while " + meanwhile + ", at " + place
                    + ": " + (e instanceof Check.Observation ? e.getMessage() : "then it threw " + e));
            seen.initCause(e);
            throw seen;
        }
    }
}
