// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What happens beside the saves, in rounds: files are prepared before they are needed, segments in which nothing is alive
 * are freed, and the manifest is replaced.
 *
 * <p>A round plans under the writing lock, works on the disk without it, and reports under it again. At most one runs at
 * a time. If it fails, the next change fails with its cause; if a change fails beside it, it takes no further step. The
 * order within a round keeps every crash harmless:
 *
 * <ol>
 *   <li>a new file is created, filled, forced, and its directory entry forced: it is not listed yet, and removed at the next
 *       opening;
 *   <li>the manifest is replaced: it lists the new file, or a new life of a freed one under a new salt, no longer lists what
 *       is freed, and says up to where the log is durable and which releases made the freed segments free. Before, the old
 *       segments are whole; afterwards nobody asks for them;
 *   <li>files that are not listed any more are deleted. One that can not be is tried again in later rounds.
 * </ol>
 */
final class Housekeeper {

    /** Where rounds run. */
    interface Background {
        void run(Runnable round);

        /** Returns when no round runs any more, and none of its threads. */
        void awaitEnd();
    }

    private final LogState state;
    private final OpenFiles openFiles;
    private final SegmentFiles files;
    private final Background background;
    private final LongSupplier salts;
    private final long configuredBytes;
    private boolean running;
    private boolean ended;

    Housekeeper(
            LogState state,
            OpenFiles openFiles,
            SegmentFiles files,
            Background background,
            LongSupplier salts,
            long configuredBytes) {
        this.state = state;
        this.openFiles = openFiles;
        this.files = files;
        this.background = background;
        this.salts = salts;
        this.configuredBytes = configuredBytes;
    }

    // ---- under the writing lock ----

    /** Begins a round if there is anything to do and none runs. */
    void nudge() {
        if (running || ended || state.hasFailed() || !Plan.hasWork(state, openFiles)) {
            return;
        }
        running = true;
        try {
            background.run(this::rounds);
        } catch (OutOfMemoryError noThread) {
            running = false; // the next change tries again, and what is needed before that is done at once
        } catch (RuntimeException | Error e) {
            running = false;
            state.fail(e);
        }
    }

    /** Keeps segments at least four times as large as their checkpoints. */
    void checkpointBytes(long bytes) {
        state.checkpointBytes = bytes;
        state.segmentBytes = segmentBytes(configuredBytes, bytes);
    }

    static long segmentBytes(long configuredBytes, long checkpointBytes) {
        long wanted = SegmentFiles.blocks(4 * checkpointBytes);
        // in steps of an eighth: a file that is as long as a segment of a moment ago is of use for the next one
        long step = Math.max(SegmentFiles.BLOCK_BYTES, Long.highestOneBit(wanted) >>> 3);
        wanted = (wanted + step - 1) / step * step;
        return Math.max(configuredBytes, Math.min(Place.MAX_SEGMENT_BYTES, wanted)); // a place points no further
    }

    /** A file that is listed in the durable manifest and has at least so many bytes. */
    Segment take(long bytes) throws IOException {
        if (SegmentFiles.blocks(bytes + Frame.TERMINATOR_BYTES) > Place.MAX_SEGMENT_BYTES) {
            throw new IllegalArgumentException("A segment of " + bytes + " bytes would be needed, more than "
                    + Place.MAX_SEGMENT_BYTES + "; save less at a time, or keep fewer groups in one storage");
        }
        while (true) {
            state.checkUsable();
            for (Segment segment : state.prepared) {
                if (segment.sizeBytes >= bytes) {
                    state.prepared.remove(segment);
                    return segment;
                }
            }
            if (running) {
                state.roundEnded.awaitUninterruptibly();
            } else {
                perform(Plan.withFile(state, openFiles, bytes));
            }
        }
    }

    /** Replaces the manifest at once. */
    void storeManifest() throws IOException {
        awaitRound();
        perform(Plan.manifestOnly(state, openFiles));
    }

    /** Does all there is to do at once. */
    void settle() throws IOException {
        awaitRound();
        for (Plan plan = Plan.next(state, openFiles); plan != null; plan = Plan.next(state, openFiles)) {
            perform(plan);
        }
    }

    /** The last round: what was released becomes durable. Nothing is prepared any more, and after a failure nothing done. */
    void finish(boolean isLoaded) throws IOException {
        awaitRound();
        ended = true;
        if (isLoaded && !state.hasFailed()) {
            Plan last = Plan.closing(state, openFiles);
            if (last != null) {
                perform(last);
            }
        }
    }

    private void awaitRound() {
        while (running) {
            state.roundEnded.awaitUninterruptibly();
        }
    }

    // ---- a round ----

    private void rounds() {
        while (true) {
            Plan plan;
            state.writing.lock();
            try {
                plan = ended || state.hasFailed() ? null : Plan.next(state, openFiles);
                if (plan == null) {
                    running = false;
                    state.roundEnded.signalAll();
                    return;
                }
            } catch (IOException | RuntimeException | Error e) {
                endWith(e);
                return;
            } finally {
                state.writing.unlock();
            }
            Done done;
            try {
                done = work(plan);
            } catch (IOException | RuntimeException | Error e) {
                state.writing.lock();
                try {
                    endWith(e);
                } finally {
                    state.writing.unlock();
                }
                return;
            }
            state.writing.lock();
            try {
                report(plan, done);
                state.roundEnded.signalAll();
            } finally {
                state.writing.unlock();
            }
        }
    }

    private void endWith(Throwable cause) {
        state.fail(cause);
        running = false;
        state.roundEnded.signalAll();
    }

    private void perform(Plan plan) throws IOException {
        try {
            report(plan, work(plan));
        } catch (IOException | RuntimeException | Error e) {
            state.fail(e);
            throw e;
        }
    }

    private record Done(@Nullable Segment fresh, List<Segment> deleted) {}

    /** The disk part. Uses nothing that is guarded, and ends where the storage has failed meanwhile. */
    private Done work(Plan plan) throws IOException {
        Segment fresh = null;
        if (plan.reuse != null) {
            fresh = plan.reuse.withSalt(salts.getAsLong(), true);
        } else if (plan.createBytes > 0) {
            if (plan.createSparse) {
                files.createSparse(plan.createNumber, plan.createBytes);
            } else {
                files.createFull(plan.createNumber, plan.createBytes, state::checkUsable);
            }
            fresh = new Segment(
                    files.path(plan.createNumber), plan.createNumber, plan.createBytes, salts.getAsLong(), false);
        }
        if (plan.replaceManifest) {
            state.checkUsable();
            plan.manifest(state.storageId, fresh).store(files.directory());
        }
        List<Segment> deleted = new ArrayList<>();
        for (Segment segment : plan.delete) {
            state.checkUsable();
            if (files.delete(segment.path)) {
                deleted.add(segment);
            }
        }
        return new Done(fresh, deleted);
    }

    private void report(Plan plan, Done done) {
        if (plan.replaceManifest) {
            state.generation = plan.generation;
            state.durableReleases = Math.max(state.durableReleases, plan.knownReleases);
            plan.unlisted.forEach(segment -> segment.listed = false);
        }
        if (done.fresh() != null) {
            done.fresh().listed = true;
            state.prepared.addLast(done.fresh());
        }
        if (plan.createBytes > 0) {
            state.nextNumber = Math.max(state.nextNumber, plan.createNumber + 1);
        }
        if (plan.reuse != null) {
            state.retired.remove(plan.reuse);
        }
        state.retired.removeAll(done.deleted());
        for (Segment segment : plan.delete) {
            segment.undeletable = state.retired.contains(segment);
        }
    }
}
