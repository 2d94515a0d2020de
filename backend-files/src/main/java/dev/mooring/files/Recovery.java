// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what the log holds, and decides about its end.
 *
 * <p>The newest whole activation knows every group; the segments before it only say where entries are. So the chain is
 * read from the oldest needed segment on, each once and from front to back.
 *
 * <p><b>Torn or rotten.</b> The log ends at the first bad frame of the newest segment. It was torn by a crash, and is
 * dropped, unless something proves that it, or anything behind it, was durable: a header of a later frame, the manifest's
 * proven place, the core's mark, or a clean end. Then it is damage. Everywhere else a bad frame is damage, for the next
 * segment was begun only after all of it was forced.
 *
 * <p><b>The last whole frame</b> of an unclean end may be in the page cache only, if it was written and not forced. Unless
 * something proves it durable, the activation that follows recovery repeats what it says ({@link #carried}); the log is
 * sealed in front of it.
 *
 * <p><b>A newest segment of which little is alive</b> is superseded as a whole: the activation repeats that little. Else a
 * process that is killed again and again after a few saves would leave a segment each time, behind an old one that is kept.
 */
final class Recovery {

    private final BackendContext context;
    private final LogState state;
    private final OpenFiles files;
    private final ByteBuffer window = SegmentInput.newWindow();
    private final List<Repair> repairs = new ArrayList<>();

    private final Chain chain;
    private LogWriter.End end = LogWriter.End.NONE;
    private @Nullable Frame last; // of the newest segment, if it is a frame of changes
    private List<Change> lastChanges = List.of();
    private final List<Change> newestEntries = new ArrayList<>(); // those of the newest segment, its activation's too
    private List<Change> repeated = List.of();
    private int crcBeforeLast;

    Recovery(BackendContext context, LogState state, OpenFiles files, Chain chain) {
        this.context = context;
        this.state = state;
        this.files = files;
        this.chain = chain;
    }

    /** Where the activation that follows an unclean end seals the log. */
    LogWriter.End end() {
        return end;
    }

    List<Repair> repairs() {
        return repairs;
    }

    /** Reads the log. Changes nothing on the disk. */
    void replay() throws IOException {
        Chain.Activated newest = chain.newest();
        repairs.addAll(chain.repairs());
        if (newest != null) {
            checkProofIsCovered(newest);
            for (Change line : newest.checkpoint()) {
                if (line instanceof Change.Existing) {
                    state.apply(line, newest.segment());
                }
            }
            LogWriter.End before = LogWriter.End.NONE;
            for (Chain.Activated each : chain.needed()) {
                state.addToChain(each.segment());
                before = each.segment().ordinal == newest.segment().ordinal
                        ? replayNewest(each, before)
                        : replaySealed(each, before, chain.next(each));
            }
            end = before;
            checkNothingIsMissing();
        }
        if (state.sequence < context.provenSequence()) {
            throw new StorageException.Corrupted(state.directory + ": the log ends with change " + state.sequence
                    + lastPlace() + ", but change " + context.provenSequence() + " was acknowledged" + lastIndexes()
                    + ". " + Damage.REMEDY);
        }
        decideAboutLast(newest);
    }

    /** What the activation has to repeat: live entries of what nothing proves durable. */
    List<Outgoing.Move> carried(StableFile newest) {
        Moves moves = new Moves();
        Segment segment = state.active();
        if (segment != null) {
            for (Change change : repeated) {
                for (EntryRun live : live(change, segment)) {
                    moves.add(change.group(), live, newest);
                }
            }
        }
        return moves.toList();
    }

    /** What of a change in a segment is alive. */
    private List<EntryRun> live(Change change, Segment segment) {
        List<EntryRun> found = new ArrayList<>();
        EntryRun rest = Live.runOf(change);
        GroupLog log = state.groups.get(change.group());
        while (rest != null && log != null) {
            Live.Part part = Live.part(log, rest, segment.ordinal, Long.MAX_VALUE, Long.MAX_VALUE);
            if (part.live() != null) {
                found.add(part.live());
            }
            rest = part.rest();
        }
        return found;
    }

    // ---- replay ----

    private LogWriter.End replaySealed(Chain.Activated each, LogWriter.End before, Chain.Activated next)
            throws IOException {
        Segment segment = each.segment();
        checkFollows(each, before);
        long sealedAt = next.segment().previousEnd;
        SegmentInput input = open(segment);
        try {
            int crc = each.headerCrc();
            long offset = SegmentHeader.BYTES;
            while (offset < sealedAt) {
                Whole whole = whole(input, segment, offset, crc);
                if (whole == null || whole.frame().end() > sealedAt) {
                    throw damaged(segment, offset, "the log goes on in " + next.segment());
                }
                Frame frame = whole.frame();
                checkManifestIsNewest(segment, frame);
                for (Change change : whole.changes()) {
                    locate(change, segment.ordinal);
                }
                state.sequence = frame.sequence();
                crc = frame.crc();
                offset = frame.end();
            }
            segment.end = offset;
            return new LogWriter.End(segment.ordinal, offset, crc);
        } finally {
            files.release(segment);
        }
    }

    private record Whole(Frame frame, List<Change> changes) {}

    /** The frame at an offset; null if it is not whole, not written after the one before, or of the wrong kind. */
    private @Nullable Whole whole(SegmentInput input, Segment segment, long offset, int previousCrc)
            throws IOException {
        Frame frame = input.frame(offset, segment.salt);
        int kind = offset == SegmentHeader.BYTES ? Frame.ACTIVATION : Frame.CHANGES;
        if (frame == null || frame.previousCrc() != previousCrc || frame.kind() != kind) {
            return null;
        }
        try {
            List<Change> changes = input.records(frame);
            return changes == null ? null : new Whole(frame, changes);
        } catch (MalformedException e) {
            throw damaged(segment, offset, "its checksum holds, but it says " + e.getMessage());
        }
    }

    private void locate(Change change, long ordinal) {
        GroupLog log = state.groups.get(change.group());
        if (log == null) {
            return; // gone by the time of the newest checkpoint
        }
        if (change instanceof Change.Updated updated) {
            if (updated.restartAt() != null) {
                log.unlocate(0);
            } else if (updated.truncateFrom() != null) {
                log.unlocate(updated.truncateFrom());
            }
        } else if (change instanceof Change.Dropped) {
            log.unlocate(0);
        }
        EntryRun run = Live.runOf(change);
        if (run != null) {
            log.locate(run, ordinal);
        }
    }

    private LogWriter.End replayNewest(Chain.Activated newest, LogWriter.End before) throws IOException {
        Segment segment = newest.segment();
        checkFollows(newest, before);
        SegmentInput input = open(segment);
        try {
            Frame frame = newest.activation();
            state.sequence = frame.sequence();
            checkManifestIsNewest(segment, frame);
            for (Change change : newest.checkpoint()) {
                if (change instanceof Change.Moved) {
                    state.apply(change, segment);
                }
            }
            remember(newest.checkpoint());
            int crc = frame.crc();
            long offset = frame.end();
            applyReleases(segment, offset);
            while (true) {
                Whole whole = whole(input, segment, offset, crc);
                if (whole == null) {
                    break;
                }
                frame = whole.frame();
                checkManifestIsNewest(segment, frame);
                apply(segment, offset, whole.changes());
                remember(whole.changes());
                state.sequence = frame.sequence();
                last = frame;
                lastChanges = whole.changes();
                crcBeforeLast = crc;
                crc = frame.crc();
                offset = frame.end();
                applyReleases(segment, offset);
            }
            segment.end = offset;
            state.lastCrc = crc;
            judge(input, segment, offset);
            return new LogWriter.End(segment.ordinal, offset, crc);
        } finally {
            files.release(segment);
        }
    }

    /** Only where entries are: hard states and attachments of a whole segment would fill the memory. */
    private void remember(List<Change> changes) {
        for (Change change : changes) {
            EntryRun run = context.endedCleanly() ? null : Live.runOf(change);
            GroupLog log = state.groups.get(change.group());
            if (run != null && log != null) {
                newestEntries.add(new Change.Moved(log.name, run));
            }
        }
    }

    private void apply(Segment segment, long offset, List<Change> changes) throws IOException {
        try {
            for (Change change : changes) {
                state.apply(change, segment);
            }
        } catch (MalformedException e) {
            throw damaged(segment, offset, String.valueOf(e.getMessage()));
        }
    }

    private void applyReleases(Segment segment, long offset) {
        Manifest manifest = chain.manifest();
        if (manifest.provenOrdinal() == segment.ordinal && manifest.provenEnd() == offset) {
            for (Manifest.Released released : manifest.releases()) {
                GroupLog log = state.groups.get(released.group());
                if (log != null) {
                    log.release(released.firstIndex());
                    log.releasedSinceActivation = true;
                }
            }
        }
    }

    // ---- the end of the log ----

    private void judge(SegmentInput input, Segment segment, long offset) throws IOException {
        Manifest manifest = chain.manifest();
        if (manifest.provenOrdinal() == segment.ordinal && offset < manifest.provenEnd()) {
            throw damaged(segment, offset, "the manifest proves the log up to offset " + manifest.provenEnd());
        }
        if (chain.isSealedBehind(segment.ordinal, offset)) {
            throw damaged(
                    segment, offset, "the segment after it was begun, and that is done when all before is durable");
        }
        long blankTo = segment.reused ? SegmentFiles.blocks(offset + Frame.TERMINATOR_BYTES) : segment.sizeBytes;
        SegmentInput.Rest rest = input.rest(offset, segment.salt, state.sequence, blankTo);
        Frame later = rest.later();
        if (later != null) {
            throw damaged(
                    segment,
                    offset,
                    "change " + later.sequence() + " at offset " + later.offset()
                            + " was written after it was durable");
        }
        if (!rest.isBlank() && context.endedCleanly()) {
            throw damaged(segment, offset, "the storage was closed cleanly, so no save can have been torn");
        }
        if (!rest.isBlank() && state.sequence >= context.provenSequence()) {
            repairs.add(new Repair(
                    segment.path,
                    offset,
                    "a save after change " + state.sequence
                            + " is incomplete; nothing proves that it was acknowledged, and it was dropped"));
        }
    }

    private void decideAboutLast(Chain.@Nullable Activated newest) {
        if (newest == null || context.endedCleanly()) {
            return;
        }
        Segment segment = newest.segment();
        Manifest manifest = chain.manifest();
        Frame frame = last;
        boolean isProven = (manifest.provenOrdinal() == segment.ordinal && manifest.provenEnd() >= segment.end)
                || (frame != null && frame.sequence() <= context.provenSequence());
        long keptBytes = segment.liveBytes;
        if (!isProven) {
            for (Change change : lastChanges) {
                for (EntryRun live : live(change, segment)) {
                    keptBytes -= live.bytes(); // repeated in any case
                }
            }
        }
        if (frame == null || keptBytes <= segment.sizeBytes / 2) {
            repeated = newestEntries;
            end = supersedes(segment, frame, isProven);
        } else if (!isProven) {
            repeated = lastChanges;
            end = new LogWriter.End(segment.ordinal, frame.offset(), crcBeforeLast);
        }
    }

    /** Frames before the last one are durable, and so is the activation if there are any. */
    private static LogWriter.End supersedes(Segment segment, @Nullable Frame last, boolean isLastProven) {
        return new LogWriter.End(
                segment.previousOrdinal,
                segment.previousEnd,
                segment.previousCrc,
                last == null ? segment.durableOrdinal : segment.ordinal,
                last == null ? segment.durableEnd : isLastProven ? segment.end : last.offset());
    }

    // ---- checks ----

    private void checkFollows(Chain.Activated each, LogWriter.End before) throws IOException {
        if (before.ordinal() != 0 && before.crc() != each.segment().previousCrc) {
            Segment segment = each.segment();
            Segment previous = state.byOrdinal.get(before.ordinal());
            throw damaged(
                    previous == null ? segment : previous,
                    before.offset(),
                    segment + " was not written after what stands before this place");
        }
    }

    private void checkManifestIsNewest(Segment segment, Frame frame) throws IOException {
        if (frame.manifest() > chain.manifest().generation()) {
            throw new StorageException.Corrupted(state.directory.resolve(Manifest.NAME) + " is number "
                    + chain.manifest().generation() + ", but " + segment.path + " at offset " + frame.offset()
                    + " was written after number " + frame.manifest() + ": an old file was put back" + lastIndexes()
                    + ". " + Damage.REMEDY);
        }
    }

    private void checkProofIsCovered(Chain.Activated newest) throws IOException {
        long proven = chain.manifest().provenOrdinal();
        if (proven > newest.segment().ordinal) {
            throw StorageException.Corrupted.at(
                    state.directory.resolve(Manifest.NAME),
                    Manifest.PROVEN_AT,
                    "the manifest proves the log up to segment " + proven + ", but " + newest.segment()
                            + " is the newest that can be read" + InDoubt.all(state.directory, context.storageId())
                            + ". " + Damage.REMEDY);
        }
    }

    private void checkNothingIsMissing() throws IOException {
        for (GroupLog log : state.groups.values()) {
            String missing = log.missing();
            if (missing != null) {
                throw new StorageException.Corrupted(state.directory + ": group '" + log.name + "': " + missing
                        + " of " + log.firstIndex() + ".." + log.lastIndex() + " are in none of the segments "
                        + chain.needed().get(0).segment() + " to " + state.active() + ". " + Damage.REMEDY);
            }
        }
    }

    private SegmentInput open(Segment segment) throws IOException {
        StableFile file = files.acquire(segment);
        if (file == null) {
            throw new IllegalStateException(segment + " is retired");
        }
        return new SegmentInput(file, segment.sizeBytes, window);
    }

    private StorageException damaged(Segment segment, long offset, String proof) {
        return StorageException.Corrupted.at(
                segment.path,
                offset,
                "the frame after change " + state.sequence + " can not be read, and it was durable: " + proof
                        + lastIndexes() + ". " + Damage.REMEDY);
    }

    private String lastPlace() {
        Segment active = state.active();
        return active == null
                ? ", " + state.directory.resolve(Manifest.NAME) + " knows of no segment that was begun"
                : " in " + active.path + " at offset " + active.end;
    }

    /** Which entries are lost, as far as it can be told. */
    private String lastIndexes() {
        return InDoubt.of(state.groups.values(), GroupLog::lost);
    }
}
