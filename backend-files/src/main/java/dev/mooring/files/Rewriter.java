// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets live entries of old segments ride along with saves, so that a slow group among fast ones does not keep every
 * segment. Guarded by the writing lock.
 *
 * <p>It works when sealed segments take more than twice what is alive and one segment more, on the oldest segment that
 * holds anything alive: a segment may only go when all older ones are gone, or what it hides would come back. A save moves
 * 16 KiB and three bytes for each byte it saves, a large one as many as it saves. That is enough: even if everything alive
 * stands in the oldest segments, so that moving it gains nothing, all of it has passed before the log has grown by as much.
 *
 * <p>What is moved is read frame by frame and verified before, so that damage is found and not carried on under a new
 * checksum. A moved entry is one whose place in memory is still the one it is read from; the place changes when the frame
 * is durable.
 */
final class Rewriter {

    private static final int MOVED_BYTES_PER_SAVED = 3;
    private static final int LEAST_CREDIT_BYTES = 16 << 10;
    private static final int MAX_MOVED_BYTES = 1 << 20;
    private static final int SCANNED_BYTES_PER_SAVE = 256 << 10;

    private final LogState state;
    private final OpenFiles files;
    private final Deque<Change> pending = new ArrayDeque<>(); // of the frame that was read last
    private final List<Segment> pinned = new ArrayList<>();
    private @Nullable ByteBuffer window;
    private @Nullable SegmentInput input; // of the source, for as long as it has this file
    private @Nullable StableFile inputFile;
    private @Nullable Segment source;
    private long offset; // of the next frame in the source
    private long scannedTo; // ordinal of the last segment that was read to its end
    private long credit;

    Rewriter(LogState state, OpenFiles files) {
        this.state = state;
        this.files = files;
    }

    /** What to move in front of a save. Call {@link #done} when that is durable, or has failed. */
    List<Outgoing.Move> next(long savedBytes) throws IOException {
        if (!isCrowded()) {
            stop();
            return List.of();
        }
        credit += LEAST_CREDIT_BYTES + MOVED_BYTES_PER_SAVED * savedBytes;
        Moves moves = new Moves();
        long usual = Math.min(MAX_MOVED_BYTES, state.segmentBytes / 4);
        long limit = Math.min(credit, Math.max(usual, savedBytes));
        long moved = 0;
        long scanned = 0;
        while (moved < limit) {
            Change change = pending.peekFirst();
            if (change == null) {
                long read = scanned < SCANNED_BYTES_PER_SAVE + savedBytes ? readFrame() : 0;
                if (read == 0) {
                    break;
                }
                scanned += read;
                continue;
            }
            Live.Part part = live(change, limit - moved, moved == 0 ? credit : limit - moved);
            EntryRun live = part.live();
            if (live == null && part.rest() != null) {
                break; // an entry larger than what may be moved now
            }
            pending.removeFirst();
            if (part.rest() != null) {
                pending.addFirst(new Change.Moved(change.group(), part.rest()));
            }
            if (live != null && source != null) {
                moves.add(change.group(), live, pin(source));
                moved += live.bytes();
            }
        }
        credit -= Math.min(credit, moved);
        return moves.toList();
    }

    void done() throws IOException {
        for (Segment segment : pinned) {
            files.release(segment);
        }
        pinned.clear();
    }

    private boolean isCrowded() {
        return state.sealedBytes() > 2 * state.liveBytes() + state.segmentBytes;
    }

    private void stop() {
        pending.clear();
        source = null;
        input = null;
        inputFile = null;
        scannedTo = 0;
        credit = 0;
    }

    /** Reads the next frame that is not read yet; returns how many bytes that were, 0 if there is none. */
    private long readFrame() throws IOException {
        Segment from = source;
        if (from == null || from.liveBytes == 0 || offset >= from.end) {
            if (from != null) {
                scannedTo = from.ordinal;
            }
            from = oldestAlive();
            source = from;
            offset = SegmentHeader.BYTES;
            if (from == null) {
                return 0;
            }
        }
        ByteBuffer space = window;
        if (space == null) {
            space = SegmentInput.newWindow();
            window = space;
        }
        SegmentInput reading = input(from, space);
        Frame frame = reading.frame(offset, from.salt);
        List<Change> changes = frame == null ? null : reading.records(frame);
        if (frame == null || changes == null) {
            throw StorageException.Corrupted.at(
                    from.path,
                    offset,
                    "live entries were to be moved out of this segment, but the frame here does not match its checksum. "
                            + Damage.REMEDY);
        }
        pending.addAll(changes);
        offset = frame.end();
        return frame.end() - frame.offset();
    }

    /** The same one for as long as it is of use: what it has read ahead is not read again. */
    private SegmentInput input(Segment from, ByteBuffer space) throws IOException {
        StableFile file = pin(from);
        SegmentInput reading = input;
        if (reading == null || inputFile != file) {
            reading = new SegmentInput(file, from.sizeBytes, space);
            input = reading;
            inputFile = file;
        }
        return reading;
    }

    private Live.Part live(Change change, long limit, long firstLimit) {
        EntryRun run = Live.runOf(change);
        GroupLog log = state.groups.get(change.group());
        if (run == null || log == null || source == null || source.liveBytes == 0) {
            return Live.NOTHING;
        }
        return Live.part(log, run, source.ordinal, limit, firstLimit);
    }

    private @Nullable Segment oldestAlive() {
        for (Segment segment : state.chain) {
            if (segment.ordinal > scannedTo && segment.liveBytes > 0) {
                return segment == state.active() ? null : segment;
            }
        }
        return null;
    }

    private StableFile pin(Segment segment) throws IOException {
        StableFile file = files.acquire(segment);
        if (file == null) {
            throw new IllegalStateException(segment + " is alive and retired");
        }
        pinned.add(segment);
        return file;
    }
}
