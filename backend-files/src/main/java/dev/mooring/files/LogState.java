// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.StorageException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is known in memory of the log: groups, segments, and what is durable. Guarded by {@code writing}, which a changing
 * verb holds from beginning to end and the background for moments; the two concurrent maps are for readers, too.
 */
final class LogState implements GroupIndex.Accounting {

    final ReentrantLock writing = new ReentrantLock();

    /** Signalled when the background has ended a round. */
    final Condition roundEnded = writing.newCondition();

    final Path directory;
    final UUID storageId;
    final Map<String, GroupLog> groups = new ConcurrentHashMap<>();

    /** The chain once more, for readers. */
    final Map<Long, Segment> byOrdinal = new ConcurrentHashMap<>();

    /** Activated segments that are needed, oldest first; the last one is written to. */
    final Deque<Segment> chain = new ArrayDeque<>();

    /** Files that are full and listed, ready to be activated. */
    final Deque<Segment> prepared = new ArrayDeque<>();

    /** Lives that have ended; their files are used again or deleted. */
    final List<Segment> retired = new ArrayList<>();

    /** What is configured, or more if checkpoints need it: a segment is at least four times as large as its checkpoint. */
    long segmentBytes;

    /** How much of a segment its header and checkpoint took, the last time. */
    long checkpointBytes;

    long sequence;
    int lastCrc; // of the last frame
    long nextOrdinal = 1;
    long nextNumber = 1;
    long generation; // of the durable manifest

    /** What the manifest said when it was loaded, as long as nothing more is proven. */
    @Nullable
    Manifest proof;

    /** How many releases there were, and how many of them a durable manifest or checkpoint knows. */
    long releases;

    long durableReleases;

    private volatile @Nullable Throwable failure; // a round looks at it between two steps, without the lock
    private long liveBytes; // of all segments in the chain
    private long chainBytes; // length of their files
    private @Nullable Segment accounted; // the last one looked up

    LogState(Path directory, UUID storageId, long segmentBytes) {
        this.directory = directory;
        this.storageId = storageId;
        this.segmentBytes = segmentBytes;
    }

    // ---- failure: the first one is the last change ----

    void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    boolean hasFailed() {
        return failure != null;
    }

    void checkUsable() throws StorageException {
        Throwable cause = failure;
        if (cause != null) {
            throw new StorageException.Failed(
                    directory
                            + ": an earlier write, sync or deletion failed, and nothing is written any more. Mend what the"
                            + " cause names, then open the storage again: " + StorageException.reasonOf(cause),
                    cause);
        }
    }

    // ---- changes ----

    /** Applies what is durable in a segment. */
    void apply(Change change, Segment segment) throws MalformedException {
        if (change instanceof Change.Updated updated) {
            GroupLog log = groups.get(updated.group());
            if (log == null) {
                // visible to readers only when it is complete
                log = new GroupLog(updated.group(), this);
                log.apply(updated, segment.ordinal);
                groups.put(updated.group(), log);
            } else {
                log.apply(updated, segment.ordinal);
            }
        } else if (change instanceof Change.Moved moved) {
            GroupLog log = groups.get(moved.group());
            if (log != null) {
                log.locate(moved.entries(), segment.ordinal);
            }
        } else if (change instanceof Change.Dropped dropped) {
            GroupLog log = groups.remove(dropped.group());
            if (log != null) {
                log.discard();
            }
        } else if (change instanceof Change.Existing existing) {
            groups.computeIfAbsent(existing.group(), name -> new GroupLog(name, this))
                    .apply(existing);
        }
    }

    @Override
    public void added(long place, int payloadBytes) {
        account(place, EntryRun.bytesOf(payloadBytes));
    }

    @Override
    public void removed(long place, int payloadBytes) {
        account(place, -EntryRun.bytesOf(payloadBytes));
    }

    private void account(long place, long bytes) {
        long ordinal = Place.ordinal(place);
        Segment segment = accounted;
        if (segment == null || segment.ordinal != ordinal) {
            segment = byOrdinal.get(ordinal);
            accounted = segment;
        }
        if (segment != null) {
            segment.liveBytes += bytes;
            liveBytes += bytes;
        }
    }

    // ---- the chain ----

    @Nullable
    Segment active() {
        return chain.peekLast();
    }

    void addToChain(Segment segment) {
        chain.addLast(segment);
        chainBytes += segment.sizeBytes;
        byOrdinal.put(segment.ordinal, segment);
        nextOrdinal = Math.max(nextOrdinal, segment.ordinal + 1);
    }

    /** Takes a segment out of the chain; its file is free once a manifest does not list it. */
    void retire(Segment segment) {
        if (chain.remove(segment)) {
            chainBytes -= segment.sizeBytes;
            liveBytes -= segment.liveBytes;
        }
        byOrdinal.remove(segment.ordinal);
        retired.add(segment);
    }

    /** Bytes of files that hold what was written before the active segment, without those that are about to be freed. */
    long sealedBytes() {
        long bytes = chainBytes;
        Segment active = active();
        for (Segment segment : chain) {
            if (segment.liveBytes > 0 || segment == active) {
                break;
            }
            bytes -= segment.sizeBytes;
        }
        return active == null ? 0 : bytes - active.sizeBytes;
    }

    /** Bytes of all entries in all logs. */
    long liveBytes() {
        return liveBytes;
    }

    /** Bytes of all files there are. */
    long fileBytes() {
        long bytes = chainBytes;
        for (Segment segment : prepared) {
            bytes += segment.sizeBytes;
        }
        for (Segment segment : retired) {
            bytes += segment.sizeBytes;
        }
        return bytes;
    }
}
