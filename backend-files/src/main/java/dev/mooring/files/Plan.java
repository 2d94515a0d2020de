// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one round of housekeeping will do, decided under the writing lock, with copies of all it needs.
 *
 * <p><b>How many files there are.</b> A file is prepared when the active segment is half full. In a steady state a segment
 * was freed before that, and becomes the prepared file; one that is freed too early for that is kept as a spare while all
 * files together stay below twice what is alive plus three segments. All others are deleted.
 */
final class Plan {

    final long generation;
    boolean replaceManifest;

    @Nullable
    Segment reuse;

    long createBytes; // 0: nothing is created
    boolean createSparse;
    final long createNumber;
    final List<Segment> delete = new ArrayList<>();

    /** Retired segments that the new manifest no longer lists. */
    final List<Segment> unlisted = new ArrayList<>();

    /** How many releases the new manifest knows; -1 if none beyond those of the one before. */
    final long knownReleases;

    private final long oldestOrdinal;
    private final long provenOrdinal;
    private final long provenEnd;
    private final long provenSequence;
    private final List<Manifest.Listed> listed = new ArrayList<>();
    private final List<Manifest.Released> releases = new ArrayList<>();

    private Plan(LogState state, OpenFiles openFiles) throws IOException {
        generation = state.generation + 1;
        createNumber = state.nextNumber;
        Manifest proof = state.proof;
        Segment active = state.active();
        if (proof != null) {
            // what the log holds beyond this is not known to be durable, so nothing is freed either
            oldestOrdinal = proof.oldestOrdinal();
            provenOrdinal = proof.provenOrdinal();
            provenEnd = proof.provenEnd();
            provenSequence = proof.provenSequence();
            releases.addAll(proof.releases());
            knownReleases = -1;
        } else {
            freeOldest(state, openFiles);
            oldestOrdinal = active == null ? state.nextOrdinal : state.chain.getFirst().ordinal;
            provenOrdinal = active == null ? 0 : active.ordinal;
            provenEnd = active == null ? 0 : active.end;
            provenSequence = active == null ? 0 : state.sequence;
            knownReleases = state.releases;
            for (GroupLog log : state.groups.values()) {
                if (log.releasedSinceActivation) {
                    releases.add(new Manifest.Released(log.name, log.firstIndex()));
                }
            }
        }
        if (proof == null) {
            // else its header may say more than the log: a file with a torn activation is listed until a later one is
            // whole
            retireUnfitting(state, openFiles);
        }
        for (Segment segment : state.chain) {
            boolean isKnown = proof == null || segment.ordinal <= proof.provenOrdinal();
            listed.add(Manifest.Listed.of(segment, isKnown ? segment.ordinal : 0));
        }
        for (Segment segment : state.prepared) {
            listed.add(Manifest.Listed.of(segment, 0));
        }
        for (Segment segment : state.retired) {
            if (isBound(state, segment)) {
                listed.add(Manifest.Listed.of(segment, 0));
            } else if (segment.listed) {
                replaceManifest = true;
                unlisted.add(segment);
            }
        }
    }

    /**
     * Whether a retired segment has to stay: what supersedes it was read, but may be in the page cache only, and a power cut
     * would make it the newest again.
     */
    private static boolean isBound(LogState state, Segment segment) {
        return state.proof != null && segment.listed && segment.ordinal != 0;
    }

    // ---- kinds of rounds ----

    /** Whether {@link #next} would find anything to do. */
    static boolean hasWork(LogState state, OpenFiles openFiles) {
        if (hasFreeSegment(state) || wantsFile(state)) {
            return true;
        }
        for (Segment segment : state.retired) {
            if ((segment.listed && !isBound(state, segment)) || isSurplus(state, openFiles, segment)) {
                return true;
            }
        }
        return false;
    }

    static @Nullable Plan next(LogState state, OpenFiles openFiles) throws IOException {
        if (!hasWork(state, openFiles)) {
            return null;
        }
        Plan plan = new Plan(state, openFiles);
        if (wantsFile(state)) {
            plan.add(state, openFiles, state.segmentBytes);
        }
        plan.deleteSurplus(state, openFiles);
        return plan;
    }

    /** A round that brings a file of at least so many bytes. */
    static Plan withFile(LogState state, OpenFiles openFiles, long bytes) throws IOException {
        Plan plan = new Plan(state, openFiles);
        plan.add(state, openFiles, bytes);
        plan.deleteSurplus(state, openFiles);
        return plan;
    }

    static Plan manifestOnly(LogState state, OpenFiles openFiles) throws IOException {
        Plan plan = new Plan(state, openFiles);
        plan.replaceManifest = true;
        return plan;
    }

    static @Nullable Plan closing(LogState state, OpenFiles openFiles) throws IOException {
        if (state.proof != null || !(state.durableReleases < state.releases || hasWork(state, openFiles))) {
            return null;
        }
        Plan plan = new Plan(state, openFiles);
        plan.replaceManifest |= state.durableReleases < state.releases;
        plan.deleteSurplus(state, openFiles);
        return plan;
    }

    Manifest manifest(UUID storageId, @Nullable Segment fresh) {
        List<Manifest.Listed> all = new ArrayList<>(listed);
        if (fresh != null) {
            all.add(Manifest.Listed.of(fresh, 0));
        }
        return new Manifest(
                storageId,
                generation,
                Math.max(createNumber, fresh == null ? 0 : fresh.number + 1),
                oldestOrdinal,
                provenOrdinal,
                provenEnd,
                provenSequence,
                all,
                releases);
    }

    // ---- decisions ----

    private static boolean hasFreeSegment(LogState state) {
        Segment oldest = state.chain.peekFirst();
        return oldest != null && oldest != state.active() && oldest.liveBytes == 0 && state.proof == null;
    }

    private static boolean wantsFile(LogState state) {
        Segment active = state.active();
        if (active == null || active.end * 2 < active.sizeBytes) {
            return false;
        }
        for (Segment segment : state.prepared) {
            if (segment.sizeBytes >= state.segmentBytes) {
                return false;
            }
        }
        return true;
    }

    /** From the oldest end only: a segment may hide what stands in an older one. */
    private void freeOldest(LogState state, OpenFiles openFiles) throws IOException {
        while (hasFreeSegment(state)) {
            Segment oldest = state.chain.getFirst();
            state.retire(oldest);
            openFiles.retire(oldest);
        }
    }

    /** A prepared file that became too small, or was meant for a large frame that never came. */
    private static void retireUnfitting(LogState state, OpenFiles openFiles) throws IOException {
        for (Segment segment : List.copyOf(state.prepared)) {
            if (segment.sizeBytes < state.segmentBytes || segment.sizeBytes > 2 * state.segmentBytes) {
                state.prepared.remove(segment);
                state.retired.add(segment);
                openFiles.retire(segment);
            }
        }
    }

    private void add(LogState state, OpenFiles openFiles, long bytes) {
        replaceManifest = true;
        boolean ownFile = bytes > state.segmentBytes;
        if (!ownFile) {
            for (Segment segment : state.retired) {
                if (segment.sizeBytes == state.segmentBytes
                        && openFiles.isUnused(segment)
                        && !isBound(state, segment)) {
                    reuse = segment;
                    return;
                }
            }
        }
        createBytes = ownFile ? SegmentFiles.blocks(bytes + Frame.TERMINATOR_BYTES) : state.segmentBytes;
        createSparse = ownFile;
    }

    private void deleteSurplus(LogState state, OpenFiles openFiles) {
        for (Segment segment : state.retired) {
            if (segment != reuse
                    && openFiles.isUnused(segment)
                    && (segment.undeletable || isSurplus(state, openFiles, segment))) {
                delete.add(segment);
            }
        }
    }

    private static boolean isSurplus(LogState state, OpenFiles openFiles, Segment segment) {
        if (segment.undeletable || !openFiles.isUnused(segment) || isBound(state, segment)) {
            return false;
        }
        boolean isSpare = segment == state.retired.get(state.retired.size() - 1)
                && segment.sizeBytes == state.segmentBytes
                && state.fileBytes() <= 2 * state.liveBytes() + 3 * state.segmentBytes;
        return !isSpare;
    }
}
