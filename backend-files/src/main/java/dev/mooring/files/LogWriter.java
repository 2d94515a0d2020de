// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of the log: appends frames, and goes on in the next segment when one is full. Guarded by the writing lock.
 *
 * <p>Every method returns only after what it wrote was forced, and nothing is written before: at most the last frame, or
 * the activation, is ever in doubt.
 */
final class LogWriter {

    private static final ByteBuffer NO_PREFIX = ByteBuffer.allocate(0);

    private final LogState state;
    private final OpenFiles files;
    private final Housekeeper housekeeper;
    private final FrameWriter out;
    private final long maxBodyBytes;
    private @Nullable StableFile file; // of the active segment, which it pins

    /**
     * Writes to the log.
     *
     * @param maxBodyBytes of a frame
     */
    LogWriter(LogState state, OpenFiles files, Housekeeper housekeeper, FrameWriter out, long maxBodyBytes) {
        this.state = state;
        this.files = files;
        this.housekeeper = housekeeper;
        this.out = out;
        this.maxBodyBytes = maxBodyBytes;
    }

    /**
     * Where the log ends: what the next activation seals.
     *
     * @param ordinal of the last segment that stays
     * @param offset at which the log ends in it
     * @param crc of the last frame before that
     * @param durableOrdinal of the same segment, or of one that is superseded
     * @param durableOffset up to where that one is known to be durable
     */
    record End(long ordinal, long offset, int crc, long durableOrdinal, long durableOffset) {
        static final End NONE = new End(0, 0, 0);

        End(long ordinal, long offset, int crc) {
            this(ordinal, offset, crc, ordinal, offset);
        }
    }

    /** Goes on in the active segment, whose end is known and durable. */
    void resume() throws IOException {
        Segment active = state.active();
        if (active != null) {
            file = files.acquire(active);
            housekeeper.checkpointBytes(firstBytes(lines(checkpoint()).bytes()));
        }
    }

    /** Makes records durable as one frame, and applies them. */
    void append(long sequence, List<? extends Outgoing> records) throws IOException {
        FrameBody body = sink -> {
            for (Outgoing record : records) {
                record.putInto(sink);
            }
        };
        long bytes = body.bytes();
        if (bytes > maxBodyBytes) {
            throw new IllegalArgumentException("A save of " + bytes + " bytes is larger than the " + maxBodyBytes
                    + " bytes that one frame can hold; save less at a time");
        }
        Segment active = state.active();
        if (active == null || !FrameWriter.fits(active.end, bytes, active.sizeBytes)) {
            End end = active == null ? End.NONE : new End(active.ordinal, active.end, state.lastCrc);
            activate(end, List.of(), bytes);
        }
        write(sequence, (int) bytes, body);
        apply(records);
    }

    private void write(long sequence, int bytes, FrameBody body) throws IOException {
        Segment active = state.active();
        StableFile target = file;
        if (active == null || target == null) {
            throw new IllegalStateException("no segment is active");
        }
        Frame draft = new Frame(active.end, Frame.CHANGES, sequence, state.generation, bytes, state.lastCrc, 0, 0);
        Frame frame = out.write(active, target, NO_PREFIX, draft, body);
        active.end = frame.end();
        state.lastCrc = frame.crc();
        state.sequence = sequence;
    }

    /**
     * Begins the next segment. One write, under one force: header, checkpoint, and what is carried over from behind the end
     * of the log that it seals. Until it is whole, the log ends where it ended before.
     *
     * @param end where the log ends; segments behind that place are superseded
     * @param carried live entries from behind that place
     * @param roomBytes length of the body of a frame that has to fit behind it
     */
    void activate(End end, List<Outgoing.Move> carried, long roomBytes) throws IOException {
        FrameBody lines = lines(checkpoint());
        FrameBody body = sink -> {
            lines.putInto(sink);
            for (Outgoing.Move move : carried) {
                move.putInto(sink);
            }
        };
        long bytes = body.bytes();
        long first = firstBytes(bytes);
        housekeeper.checkpointBytes(firstBytes(lines.bytes())); // what is carried comes once, and may be large
        Segment next = housekeeper.take(first + Frame.HEADER_BYTES + roomBytes);
        next.ordinal = state.nextOrdinal;
        next.previousOrdinal = end.ordinal();
        next.previousEnd = end.offset();
        next.previousCrc = end.crc();
        next.durableOrdinal = end.durableOrdinal();
        next.durableEnd = end.durableOffset();
        StableFile target = files.acquire(next);
        if (target == null) {
            throw new IllegalStateException(next + " was prepared and retired");
        }
        ByteBuffer header = SegmentHeader.encode(state.storageId, next);
        int headerCrc = header.getInt(SegmentHeader.BYTES - 4);
        Frame draft = new Frame(
                SegmentHeader.BYTES, Frame.ACTIVATION, state.sequence, state.generation, (int) bytes, headerCrc, 0, 0);
        Frame frame = out.write(next, target, header, draft, body);
        next.end = frame.end();
        succeed(next, frame, target, end);
        apply(carried);
        for (GroupLog log : state.groups.values()) {
            log.releasedSinceActivation = false;
        }
        retireBehind(end, next);
    }

    private List<Change.Existing> checkpoint() {
        List<Change.Existing> checkpoint = new ArrayList<>();
        for (GroupLog log : state.groups.values()) {
            checkpoint.add(log.checkpoint());
        }
        return checkpoint;
    }

    private static FrameBody lines(List<Change.Existing> checkpoint) {
        return sink -> {
            for (Change.Existing line : checkpoint) {
                Records.put(sink, line);
            }
        };
    }

    /** Of a segment, up to its first frame of changes. */
    private static long firstBytes(long activationBytes) {
        return SegmentHeader.BYTES + Frame.HEADER_BYTES + Frame.aligned(activationBytes);
    }

    private void succeed(Segment next, Frame frame, StableFile target, End end) throws IOException {
        Segment sealed = state.active();
        if (sealed != null && file != null) {
            files.release(sealed);
        }
        Segment previous = state.byOrdinal.get(end.ordinal());
        if (previous != null) {
            previous.end = end.offset();
        }
        file = target;
        state.addToChain(next);
        state.lastCrc = frame.crc();
        state.proof = null; // from here on everything in memory is durable
        state.durableReleases = state.releases;
    }

    /** What stood only behind the place at which the log was sealed has been repeated. */
    private void retireBehind(End end, Segment next) throws IOException {
        for (Segment segment : List.copyOf(state.chain)) {
            if (segment != next && segment.ordinal > end.ordinal()) {
                state.retire(segment);
                files.retire(segment);
            }
        }
    }

    private void apply(List<? extends Outgoing> records) throws IOException {
        Segment active = state.active();
        if (active != null) {
            for (Outgoing record : records) {
                state.apply(record.change(), active);
            }
        }
    }
}
