// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Repair;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of a log at open: which were activated, which of those are needed, and in which order. From the newest whole
 * activation each segment names the one before it, down to the oldest that the manifest asks for. Changes nothing.
 */
final class Chain {

    /**
     * A segment that was activated.
     *
     * @param headerCrc checksum of its header, which its first frame names
     * @param activationOrNull its first frame; null before it was read
     * @param checkpoint records of the activation, of the newest segment only
     */
    record Activated(
            Segment segment, int headerCrc, @Nullable Frame activationOrNull, List<Change> checkpoint) {
        Frame activation() {
            if (activationOrNull == null) {
                throw new IllegalStateException("the activation of " + segment + " was not read");
            }
            return activationOrNull;
        }
    }

    private final BackendContext context;
    private final SegmentFiles files;
    private final Manifest manifest;
    private final ByteBuffer window = SegmentInput.newWindow();
    private final TreeMap<Long, Activated> activated = new TreeMap<>();
    private final List<Segment> unused = new ArrayList<>();
    private final List<Path> leftovers = new ArrayList<>();
    private final List<Repair> repairs = new ArrayList<>();
    private final Deque<Activated> needed = new ArrayDeque<>();
    private final Map<Long, Activated> following = new HashMap<>();
    private long sealedOrdinal; // up to here everything was durable when a later segment was begun
    private long sealedEnd;
    private @Nullable Path sealedBy; // whose header says so
    private long highestNumber;
    private long highestOrdinal;

    private Chain(BackendContext context, SegmentFiles files, Manifest manifest) {
        this.context = context;
        this.files = files;
        this.manifest = manifest;
    }

    /** Reads manifest and headers of a directory. */
    static Chain read(BackendContext context, SegmentFiles files) throws IOException {
        Manifest stored = Manifest.load(files.directory(), context.storageId());
        Chain chain = new Chain(
                context,
                files,
                stored != null ? stored : new Manifest(context.storageId(), 0, 1, 1, 0, 0, 0, List.of(), List.of()));
        if (!chain.manifest.storageId().equals(context.storageId())) {
            throw new StorageException.Refused(files.directory().resolve(Manifest.NAME) + " belongs to storage "
                    + chain.manifest.storageId() + ", not to " + context.storageId()
                    + ". Put back the directory that belongs here");
        }
        Map<Long, Path> present = files.list();
        chain.readListed(present);
        chain.chooseNewest();
        chain.linkNeeded();
        chain.lookAtUnlisted(present, stored == null);
        return chain;
    }

    Manifest manifest() {
        return manifest;
    }

    @Nullable
    Activated newest() {
        return needed.peekLast();
    }

    /** Segments of the log, oldest first. */
    List<Activated> needed() {
        return List.copyOf(needed);
    }

    Activated next(Activated each) {
        Activated next = following.get(each.segment().ordinal);
        if (next == null) {
            throw new IllegalStateException("nothing follows " + each.segment());
        }
        return next;
    }

    /** Listed files that were not activated. */
    List<Segment> unused() {
        return unused;
    }

    /** Listed segments that were activated and are not needed: a later one repeats what they said. */
    List<Segment> superseded() {
        Set<Long> ordinals = new HashSet<>();
        needed.forEach(each -> ordinals.add(each.segment().ordinal));
        List<Segment> found = new ArrayList<>();
        for (Activated each : activated.values()) {
            if (!ordinals.contains(each.segment().ordinal)) {
                found.add(each.segment());
            }
        }
        return found;
    }

    /** Files that no manifest lists, and that may go once it is durable. */
    List<Path> leftovers() {
        return leftovers;
    }

    List<Repair> repairs() {
        return repairs;
    }

    /** Whether what stands at this place was durable when a segment was begun of which there is no more than its header. */
    boolean isSealedBehind(long ordinal, long offset) {
        return ordinal == sealedOrdinal && offset < sealedEnd;
    }

    long highestNumber() {
        return highestNumber;
    }

    /** In any header, also of a torn activation or of an earlier life: a file bears it until it is activated again. */
    long highestOrdinal() {
        return highestOrdinal;
    }

    // ---- listed files ----

    private void readListed(Map<Long, Path> present) throws IOException {
        for (Manifest.Listed listed : manifest.files()) {
            highestNumber = Math.max(highestNumber, listed.number());
            Path path = present.get(listed.number());
            if (path == null) {
                throw damaged(files.path(listed.number()), 0, "this file of the log is missing" + called(listed));
            }
            try (StableFile file = StableFile.open(path, StandardOpenOption.READ)) {
                if (file.size() < listed.sizeBytes() || listed.sizeBytes() < SegmentHeader.BYTES) {
                    throw damaged(
                            path,
                            file.size(),
                            "this file of the log was cut off, it should have " + listed.sizeBytes() + " bytes"
                                    + called(listed));
                }
                Segment segment =
                        new Segment(path, listed.number(), listed.sizeBytes(), listed.salt(), listed.reused());
                segment.listed = true;
                classify(listed, segment, new SegmentInput(file, segment.sizeBytes, window));
            }
        }
    }

    private void classify(Manifest.Listed listed, Segment segment, SegmentInput input) throws IOException {
        ByteBuffer raw = input.rawHeader();
        SegmentHeader header = SegmentHeader.decode(raw);
        if (header != null && header.storageId().equals(context.storageId()) && header.ordinal() < Place.MAX_ORDINAL) {
            highestOrdinal = Math.max(highestOrdinal, header.ordinal());
        }
        if (header != null
                && header.salt() == listed.salt()
                && header.storageId().equals(context.storageId())) {
            if (SegmentHeader.version(raw) > SegmentHeader.VERSION) {
                throw new StorageException.Refused(segment.path + " has format version " + SegmentHeader.version(raw)
                        + ", newer than " + SegmentHeader.VERSION
                        + ", the newest this release reads. Open it with the release that wrote it");
            }
            boolean fits = header.ordinal() > 0
                    && header.ordinal() <= Place.MAX_ORDINAL
                    && (listed.ordinal() == 0 || listed.ordinal() == header.ordinal())
                    && header.sizeBytes() == listed.sizeBytes()
                    && header.previousOrdinal() >= 0
                    && header.previousOrdinal() < header.ordinal()
                    && header.durableOrdinal() >= header.previousOrdinal()
                    && header.durableOrdinal() < header.ordinal();
            if (!fits || activated.containsKey(header.ordinal())) {
                throw damagedHeader(listed, segment, "it says it is segment " + header.ordinal());
            }
            segment.ordinal = header.ordinal();
            segment.previousOrdinal = header.previousOrdinal();
            segment.previousEnd = header.previousEnd();
            segment.previousCrc = header.previousCrc();
            segment.durableOrdinal = header.durableOrdinal();
            segment.durableEnd = header.durableEnd();
            activated.put(segment.ordinal, new Activated(segment, header.crc(), null, List.of()));
        } else if (listed.ordinal() != 0) {
            throw damagedHeader(listed, segment, "it is not what the manifest says it is");
        } else {
            refuseFramesBehind(segment, input, "its header can not be read");
            unused.add(segment);
        }
    }

    /** A frame behind an activation that is not whole proves that it was, once. */
    private void refuseFramesBehind(Segment segment, SegmentInput input, String how) throws IOException {
        Frame later = input.rest(SegmentHeader.BYTES + 8, segment.salt, -1, 0).later();
        if (later != null) {
            throw damaged(
                    segment.path,
                    0,
                    "this segment was begun, " + how + ", and change " + later.sequence() + " at offset "
                            + later.offset() + " was written after it was durable");
        }
    }

    private StorageException damagedHeader(Manifest.Listed listed, Segment segment, String how) {
        return damaged(segment.path, 0, "the header of this segment is damaged: " + how + called(listed));
    }

    private StorageException damaged(Path path, long offset, String what) {
        return StorageException.Corrupted.at(
                path, offset, what + InDoubt.all(files.directory(), context.storageId()) + ". " + Damage.REMEDY);
    }

    private static String called(Manifest.Listed listed) {
        return listed.ordinal() == 0 ? "" : " (segment " + listed.ordinal() + " of the log)";
    }

    // ---- the newest activation, and what it needs ----

    private void chooseNewest() throws IOException {
        while (!activated.isEmpty()) {
            Activated candidate = activated.lastEntry().getValue();
            Segment segment = candidate.segment();
            try (StableFile file = StableFile.open(segment.path, StandardOpenOption.READ)) {
                SegmentInput input = new SegmentInput(file, segment.sizeBytes, window);
                Activated whole = readActivation(candidate, input);
                if (whole != null) {
                    activated.put(segment.ordinal, whole);
                    checkSealedIsThere(segment.ordinal);
                    return;
                }
                String proof = segment.ordinal <= sealedOrdinal
                        ? "a later one was begun after it"
                        : segment.ordinal <= manifest.provenOrdinal()
                                ? "the manifest proves it"
                                : context.endedCleanly() ? "the storage was closed cleanly" : null;
                if (proof != null) {
                    throw damaged(
                            segment.path,
                            SegmentHeader.BYTES,
                            "the activation of segment " + segment.ordinal + " can not be read, and it was durable: "
                                    + proof);
                }
                refuseFramesBehind(segment, input, "its activation can not be read");
                repairs.add(new Repair(
                        segment.path,
                        SegmentHeader.BYTES,
                        "the activation of segment " + segment.ordinal
                                + " is incomplete; nothing was saved behind it, and it was dropped"));
                activated.remove(segment.ordinal);
                unused.add(segment);
                // what lies between says nothing that anybody relied on, and may be torn as well
                if (segment.durableOrdinal > sealedOrdinal
                        || (segment.durableOrdinal == sealedOrdinal && segment.durableEnd > sealedEnd)) {
                    sealedOrdinal = segment.durableOrdinal;
                    sealedEnd = segment.durableEnd;
                    sealedBy = segment.path;
                }
            }
        }
        if (manifest.provenOrdinal() != 0) {
            throw damaged(
                    files.directory().resolve(Manifest.NAME),
                    Manifest.PROVEN_AT,
                    "the manifest proves the log up to segment " + manifest.provenOrdinal()
                            + ", but no segment can be read");
        }
        checkSealedIsThere(0);
    }

    /** A segment is named in the header of the next only when it is durable; else one that was lost would look unused. */
    private void checkSealedIsThere(long newestOrdinal) throws StorageException {
        if (sealedBy != null && sealedOrdinal > newestOrdinal) {
            throw damaged(
                    sealedBy,
                    0,
                    "segment " + sealedOrdinal + " of the log was durable up to offset " + sealedEnd
                            + " when this one was begun, and can not be read");
        }
    }

    private @Nullable Activated readActivation(Activated candidate, SegmentInput input) throws IOException {
        Frame frame = input.frame(SegmentHeader.BYTES, candidate.segment().salt);
        if (frame == null || frame.kind() != Frame.ACTIVATION || frame.previousCrc() != candidate.headerCrc()) {
            return null;
        }
        try {
            List<Change> checkpoint = input.records(frame);
            return checkpoint == null
                    ? null
                    : new Activated(candidate.segment(), candidate.headerCrc(), frame, checkpoint);
        } catch (MalformedException e) {
            throw damaged(
                    candidate.segment().path,
                    frame.offset(),
                    "the checksum of this activation holds, but it says " + e.getMessage());
        }
    }

    private void linkNeeded() throws StorageException {
        if (activated.isEmpty()) {
            return;
        }
        Activated each = activated.lastEntry().getValue();
        needed.addFirst(each);
        while (each.segment().previousOrdinal >= Math.max(1, manifest.oldestOrdinal())) {
            Activated previous = activated.get(each.segment().previousOrdinal);
            if (previous == null) {
                throw damaged(
                        each.segment().path,
                        0,
                        "segment " + each.segment().previousOrdinal
                                + " of the log, which goes before this one, is missing");
            }
            following.put(previous.segment().ordinal, each);
            needed.addFirst(previous);
            each = previous;
        }
    }

    // ---- files that the manifest does not list ----

    private void lookAtUnlisted(Map<Long, Path> present, boolean hasNoManifest) throws IOException {
        long newest = activated.isEmpty() ? 0 : activated.lastKey();
        Set<Long> listed = new HashSet<>();
        manifest.files().forEach(file -> listed.add(file.number()));
        for (Map.Entry<Long, Path> each : present.entrySet()) {
            highestNumber = Math.max(highestNumber, each.getKey());
            if (listed.contains(each.getKey())) {
                continue;
            }
            Path path = each.getValue();
            SegmentHeader header = null;
            boolean isBlank;
            try (StableFile file = StableFile.open(path, StandardOpenOption.READ)) {
                long size = file.size();
                SegmentInput input = new SegmentInput(file, size, window);
                isBlank = input.isBlank(SegmentFiles.BLOCK_BYTES);
                header = input.header();
            }
            if (hasNoManifest && !isBlank) {
                throw damaged(
                        path,
                        0,
                        "there is a segment, but no file " + Manifest.NAME + " that says what belongs to the log");
            }
            if (header != null && !header.storageId().equals(context.storageId())) {
                continue; // not ours to delete
            }
            if (header != null && header.ordinal() > newest) {
                throw damaged(
                        path,
                        0,
                        "segment " + header.ordinal() + " is not listed in " + Manifest.NAME
                                + ", which must be older: an old file was put back");
            }
            leftovers.add(path);
        }
    }
}
