// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.tck.disk.CrashCheck;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.CrashSummary;
import dev.mooring.tck.disk.Recording;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Picture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Recovers from an image, compares what is there with the model, writes on, opens again, and has power fail during all
 * that, too: whatever recovery reported must stay.
 */
final class RecoveryCheck implements CrashCheck {

    // of so many recoveries from a second crash one is cut off, and one goes on
    private static final int ONE_OF = 4;
    private static final int CUT_OFF_TIMES = 3;

    // higher than any call of a script, for the log of a killed process goes on
    private static final int REPORTED = 1_000_001;
    private static final int WRITTEN_ON = 1_000_002;

    private final Subject subject;
    private final Workload workload;
    private final Inner inner;
    private final long deadlineNanos;
    private final long maxInnerStates;
    private final AtomicLong innerStates = new AtomicLong();

    /** Of so many images one is crashed again, with so many states at each position. */
    record Inner(int oneOf, int statesPerPosition) {}

    RecoveryCheck(Subject subject, Workload workload, Inner inner, long deadlineNanos, long maxInnerStates) {
        this.subject = subject;
        this.workload = workload;
        this.inner = inner;
        this.deadlineNanos = deadlineNanos;
        this.maxInnerStates = maxInnerStates;
    }

    /** One that crashes no recovery. */
    static RecoveryCheck once(Subject subject, Workload workload) {
        return new RecoveryCheck(subject, workload, new Inner(Integer.MAX_VALUE, 0), 0, 0);
    }

    /** States explored by crashing recoveries. */
    long innerStates() {
        return innerStates.get();
    }

    @Override
    public Judgement recover(SimulatedDisk image) throws Exception {
        boolean isCrashedAgain = Math.floorMod(image.image().contentHash(), inner.oneOf()) == 0
                && innerStates.get() < maxInnerStates
                && System.nanoTime() - deadlineNanos < 0;
        Picture found;
        Picture continued;
        try (Subject.Session session = subject.open(image.root())) {
            found = session.picture();
            image.acknowledged(REPORTED);
            continued = WritingOn.goOn(session, found);
            image.acknowledged(WRITTEN_ON);
        }
        checkClosed(image);
        checkReopened(image, continued);
        List<Matches> recovered = new ArrayList<>();
        if (isCrashedAgain) {
            recovered.addAll(crashAgain(image, found, continued));
        }
        Matches first = workload.matches(found);
        recovered.add(first);
        String outline = Workload.outline(found);
        return (acked, started) -> {
            for (Matches matches : recovered) {
                judge(matches, acked, started, outline);
            }
        };
    }

    /** Numbers that are no calls of a script mean nothing to the reader. */
    private static String named(String text) {
        return text.replace(Integer.toString(REPORTED), "what recovery reported")
                .replace(Integer.toString(WRITTEN_ON), "what was saved after it");
    }

    private void judge(Matches matches, int acked, int started, String outline) {
        if (matches.isEmpty()) {
            throw new AssertionError("no call of the script leaves what was recovered, " + outline + "; after call "
                    + acked + " it must be " + workload.outline(acked));
        } else if (!matches.allowed(acked, started)) {
            int latest = matches.latest();
            throw new AssertionError("recovered the state after call " + latest + ", but " + acked
                    + " were acknowledged and " + started + " begun"
                    + (latest < acked ? "; the first call lost is " + workload.call(latest + 1) : ""));
        }
    }

    private static void checkClosed(SimulatedDisk image) {
        if (!image.openFiles().isEmpty()) {
            throw new AssertionError("after close these are open still: " + image.openFiles());
        }
    }

    private void checkReopened(SimulatedDisk image, Picture continued) throws IOException {
        try (Subject.Session session = subject.open(image.root())) {
            Picture.Difference difference = continued.differenceTo(session.picture());
            if (difference != null) {
                throw new AssertionError("went on after the crash, closed and opened again, and " + difference.text());
            }
        }
    }

    private Picture picture(SimulatedDisk disk) throws IOException {
        try (Subject.Session session = subject.open(disk.root())) {
            return session.picture();
        }
    }

    /** CRASH-2: what a second crash left, too, can be written on, closed and opened again. */
    private Picture goOnFrom(SimulatedDisk disk) throws IOException {
        Picture found;
        Picture continued;
        try (Subject.Session session = subject.open(disk.root())) {
            found = session.picture();
            continued = WritingOn.goOn(session, found);
        }
        checkClosed(disk);
        checkReopened(disk, continued);
        return found;
    }

    /** What is found after an opening that was cut off halfway, and the next one, and so on; the last one goes on. */
    private List<Picture> cutOffAgainAndAgain(SimulatedDisk opened) throws IOException {
        List<Picture> pictures = new ArrayList<>();
        SimulatedDisk disk = opened;
        for (int i = 0; i < CUT_OFF_TIMES; i++) {
            Recording recording = disk.recording();
            disk = CrashExplorer.of(recording).kill((recording.begin() + recording.length()) / 2);
            boolean isLast = i == CUT_OFF_TIMES - 1; // half of what goes on would be another cut
            pictures.add(isLast ? goOnFrom(disk) : picture(disk));
            innerStates.incrementAndGet();
        }
        return pictures;
    }

    private void judgeAgain(Picture second, int acked, Picture found, Picture continued, List<Matches> unreported) {
        Matches matches = workload.matches(second);
        if (acked < REPORTED) {
            unreported.add(matches);
        }
        String difference = acked < REPORTED
                ? matches.isEmpty() ? "no call of the script leaves it" : null
                : Likeness.difference(acked == WRITTEN_ON ? continued : found, continued, second);
        if (difference != null) {
            throw new AssertionError(
                    acked < REPORTED
                            ? difference + ": " + Workload.outline(second)
                            : "what recovery reported, or what was saved after it, is lost: " + difference);
        }
    }

    /**
     * CRASH-2 and CRASH-4: power fails while recovery runs and after it has reported.
     *
     * @return for each state recovered before anything was reported, the calls that leave it
     */
    private List<Matches> crashAgain(SimulatedDisk image, Picture found, Picture continued) {
        List<Matches> unreported = new ArrayList<>();
        CrashSummary summary = CrashExplorer.of(image.recording())
                .statesPerPosition(inner.statesPerPosition())
                .explore(again -> {
                    long which = Math.floorMod(again.image().contentHash(), ONE_OF);
                    List<Picture> pictures = new ArrayList<>(List.of(which == 1 ? goOnFrom(again) : picture(again)));
                    if (which == 0) {
                        pictures.addAll(cutOffAgainAndAgain(again));
                    }
                    return (acked, started) -> {
                        for (Picture picture : pictures) {
                            judgeAgain(picture, acked, found, continued, unreported);
                        }
                    };
                });
        innerStates.addAndGet(summary.states());
        if (summary.broken() > 0) {
            throw new AssertionError("power failed again, during recovery or soon after: "
                    + named(summary.violations().get(0).toString()));
        }
        return unreported;
    }
}
