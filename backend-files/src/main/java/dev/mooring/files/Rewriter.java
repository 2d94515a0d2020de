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
 * 16 KiB and three bytes for each byte it saves, as far as they fit in the segment in which the save goes anyhow; one that
 * leaves no room for as many as it saves gets a file of its own with them. That is enough: even if everything alive stands
 * in the oldest segments, so that moving it gains nothing, all of it has passed before the log has grown by as much.
 *
 * <p>What is moved is read frame by frame and verified, and each entry once more while it is copied, so that damage is found
 * and not carried on under a new checksum. A moved entry is one whose place in memory is still the one it is read from; the
 * place changes when the frame is durable.
 */
final class Rewriter {

    private static final int MOVED_BYTES_PER_SAVED = 3;
    private static final int LEAST_CREDIT_BYTES = 16 << 10;
    private static final int MAX_MOVED_BYTES = 1 << 20;
    private static final int SCANNED_BYTES_PER_SAVE = 256 << 10;
    private static final int RECORD_HEAD_BYTES = 32; // and the group's name

    private final LogState state;
    private final OpenFiles files;
    private final long maxBodyBytes;
    private final MovingCost cost = new MovingCost();
    private final Deque<Change> pending = new ArrayDeque<>(); // of the frame that was read last
    private final List<Segment> pinned = new ArrayList<>();
    private @Nullable ByteBuffer window;
    private @Nullable SegmentInput input; // of the source, for as long as it has this file
    private @Nullable StableFile inputFile;
    private @Nullable Segment source;
    private long offset; // of the next frame in the source
    private long scannedTo; // ordinal of the last segment that was read to its end
    private long credit;

    Rewriter(LogState state, OpenFiles files, long maxBodyBytes) {
        this.state = state;
        this.files = files;
        this.maxBodyBytes = maxBodyBytes;
    }

    /** What to move in front of a save. Call {@link #done} when that is durable, or has failed. */
    List<Outgoing.Move> next(List<Outgoing> records) throws IOException {
        if (!isCrowded()) {
            stop();
            return List.of();
        }
        long savedBytes = entryBytes(records);
        credit += LEAST_CREDIT_BYTES + MOVED_BYTES_PER_SAVED * savedBytes;
        Limit limit = limit(savedBytes, bodyBytes(records));
        Moves moves = new Moves();
        long moved = 0;
        long taken = 0; // with the heads of records
        long scanned = 0;
        while (taken < limit.all()) {
            Change change = pending.peekFirst();
            if (change == null) {
                long read = scanned < SCANNED_BYTES_PER_SAVE + savedBytes ? readFrame() : 0;
                if (read == 0) {
                    break;
                }
                scanned += read;
                continue;
            }
            long head = RECORD_HEAD_BYTES + 3L * change.group().length();
            Live.Part part =
                    live(change, limit.all() - taken - head, (moved == 0 ? limit.first() : limit.all() - taken) - head);
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
                taken += live.bytes() + head;
            }
        }
        credit -= Math.min(credit, moved);
        List<Outgoing.Move> all = moves.toList();
        cost.moved(moved, bodyBytes(all));
        return all;
    }

    /** How many bytes may be moved with one save; the first entry alone may be larger. */
    private record Limit(long all, long first) {}

    private Limit limit(long savedBytes, long bodyBytes) {
        long room = Place.MAX_SEGMENT_BYTES - SegmentFiles.BLOCK_BYTES - Frame.HEADER_BYTES - state.checkpointBytes;
        long most = Math.min(credit, Math.min(maxBodyBytes, room) - bodyBytes);
        long usual = Math.min(MAX_MOVED_BYTES, state.segmentBytes / 4);
        long wanted = Math.max(usual, MOVED_BYTES_PER_SAVED * savedBytes);
        Segment active = state.active();
        long here = active == null ? -1 : active.sizeBytes - active.end - Frame.HEADER_BYTES - bodyBytes;
        if (here >= 0) { // the save is not pushed out of this segment, whose rest would be lost
            long fitting = Math.min(most, here);
            return new Limit(Math.min(wanted, fitting), fitting);
        }
        long inNext = state.segmentBytes - state.checkpointBytes - Frame.HEADER_BYTES - bodyBytes;
        long all = inNext >= savedBytes ? Math.min(wanted, inNext) : Math.max(usual, savedBytes);
        return new Limit(Math.min(all, most), most);
    }

    private static long entryBytes(List<Outgoing> records) {
        long bytes = 0;
        for (Outgoing record : records) {
            EntryRun run = Live.runOf(record.change());
            bytes += run == null ? 0 : run.bytes();
        }
        return bytes;
    }

    private static long bodyBytes(List<? extends Outgoing> records) throws IOException {
        FrameBody body = sink -> {
            for (Outgoing record : records) {
                record.putInto(sink);
            }
        };
        return body.bytes();
    }

    void done() throws IOException {
        for (Segment segment : pinned) {
            files.release(segment);
        }
        pinned.clear();
    }

    private boolean isCrowded() {
        return state.sealedBytes() > 2 * cost.withHeads(state.liveBytes()) + state.segmentBytes;
    }

    private void stop() {
        cost.ended();
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
        List<Change> changes = frame == null ? null : records(reading, from, frame);
        if (frame == null || changes == null) {
            throw damaged(from, "does not match its checksum");
        }
        pending.addAll(changes);
        offset = frame.end();
        return frame.end() - frame.offset();
    }

    private @Nullable List<Change> records(SegmentInput reading, Segment from, Frame frame) throws IOException {
        try {
            return reading.records(frame);
        } catch (MalformedException e) {
            throw damaged(from, "says, under a checksum that holds, " + e.getMessage());
        }
    }

    private StorageException damaged(Segment from, String how) {
        return StorageException.Corrupted.at(
                from.path,
                offset,
                "live entries were to be moved out of this segment, but the frame here " + how
                        + InDoubt.of(state.groups.values(), log -> log.heldBehind(from.ordinal, offset)) + ". "
                        + Damage.REMEDY);
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
