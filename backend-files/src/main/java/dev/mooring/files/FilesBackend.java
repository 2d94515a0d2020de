// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The verbs of the backend {@code files}.
 *
 * <p>A changing verb holds the writing lock: it puts what it is given, and what the {@link Rewriter} adds, into one frame,
 * makes that durable through the {@link LogWriter}, and only then changes what readers see. Reads hold the gate that
 * {@code close} waits for, and the group's that {@code drop} waits for, but no lock that a save needs.
 */
final class FilesBackend implements StorageBackend {

    private static final int MAX_IDLE_FILES = 128;
    private static final int MAX_BUFFER_BYTES = 4 << 20;

    /** Leaves room in front for a checkpoint, in a file that a place can still point into. */
    private static final long MAX_BODY_BYTES = Place.MAX_SEGMENT_BYTES - (256L << 20);

    private final BackendContext context;
    private final Housekeeper.Background background;
    private final SegmentFiles files;
    private final OpenFiles openFiles = new OpenFiles(MAX_IDLE_FILES);
    private final LogState state;
    private final Housekeeper housekeeper;
    private final LogWriter writer;
    private final Rewriter rewriter;
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
    private boolean loaded; // guarded by the writing lock
    private boolean failureIsKnown; // a verb has thrown it; guarded by the writing lock
    private volatile boolean closed;

    FilesBackend(BackendContext context, Housekeeper.Background background, long configuredBytes) {
        this(context, background, configuredBytes, MAX_BODY_BYTES);
    }

    /**
     * A backend.
     *
     * @param maxBodyBytes of a frame
     */
    FilesBackend(BackendContext context, Housekeeper.Background background, long configuredBytes, long maxBodyBytes) {
        this.context = context;
        this.background = background;
        long segmentBytes = SegmentFiles.blocks(configuredBytes);
        files = new SegmentFiles(context.directory());
        state = new LogState(context.directory(), context.storageId(), segmentBytes);
        housekeeper = new Housekeeper(state, openFiles, files, background, new SecureRandom()::nextLong, segmentBytes);
        writer = new LogWriter(state, openFiles, housekeeper, new FrameWriter(MAX_BUFFER_BYTES), maxBodyBytes);
        rewriter = new Rewriter(state, openFiles, maxBodyBytes);
    }

    // ---- recovery ----

    @Override
    public Loaded load() throws IOException {
        state.writing.lock();
        try {
            checkOpen();
            Chain chain = Chain.read(context, files);
            Recovery recovery = new Recovery(context, state, openFiles, chain);
            recovery.replay();
            takeOver(chain);
            if (!context.endedCleanly() && chain.manifest().generation() > 0) {
                secure(chain, recovery);
            } else {
                removeLeftovers(chain);
                writer.resume();
            }
            loaded = true;
            recovery.repairs().forEach(context::report);
            return loaded();
        } catch (IOException | RuntimeException | Error e) {
            state.fail(e);
            failureIsKnown = true;
            throw e;
        } finally {
            state.writing.unlock();
        }
    }

    private void takeOver(Chain chain) {
        Manifest manifest = chain.manifest();
        state.generation = manifest.generation();
        state.nextNumber = Math.max(manifest.nextNumber(), chain.highestNumber() + 1);
        chain.superseded().forEach(segment -> {
            segment.retired = true;
            state.retired.add(segment);
        });
        state.prepared.addAll(chain.unused());
        state.nextOrdinal = Math.max(state.nextOrdinal, Math.max(manifest.oldestOrdinal(), chain.highestOrdinal() + 1));
        if (!context.endedCleanly()) {
            state.proof = manifest;
        }
    }

    /**
     * Makes durable what recovery found, in an order in which every step may be the last one: a manifest first, for the
     * one that was read may be visible without being durable; it says nothing that is not proven, and gives files that are
     * not activated new salts, so that what a torn activation left is never taken for one. Then leftovers go. Then the next
     * segment is activated and repeats what was in doubt. Killed anywhere before, the next recovery finds the same log.
     * After a clean end nothing is in doubt, and nothing is written.
     */
    private void secure(Chain chain, Recovery recovery) throws IOException {
        SecureRandom salts = new SecureRandom();
        List<Segment> renewed = new ArrayList<>();
        for (Segment segment : state.prepared) {
            Segment next = segment.withSalt(salts.nextLong(), true); // a torn activation may have left bytes in it
            next.listed = true;
            renewed.add(next);
        }
        state.prepared.clear();
        state.prepared.addAll(renewed);
        housekeeper.storeManifest();
        removeLeftovers(chain);
        Segment newest = state.active();
        if (newest != null) {
            StableFile source = openFiles.acquire(newest);
            if (source == null) {
                throw new IllegalStateException(newest + " is retired");
            }
            try {
                writer.activate(recovery.end(), recovery.carried(source), 0);
            } finally {
                openFiles.release(newest);
            }
            housekeeper.settle();
        }
    }

    private void removeLeftovers(Chain chain) {
        for (Path leftover : chain.leftovers()) {
            files.delete(leftover);
        }
    }

    private Loaded loaded() {
        Map<String, GroupState> groups = new HashMap<>();
        state.groups.forEach((name, log) -> groups.put(name, log.state()));
        return new Loaded(state.sequence, groups);
    }

    // ---- changes ----

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        change(() -> {
            List<Outgoing> records = new ArrayList<>(updates.size());
            for (Update update : updates) {
                records.add(outgoing(update, null));
            }
            save(sequence, records);
        });
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        change(() -> save(sequence, List.of(outgoing(update, snapshot))));
    }

    private Outgoing outgoing(Update update, @Nullable SnapshotPointer snapshot) {
        GroupLog log = state.groups.get(update.group());
        return (log == null ? new GroupLog(update.group(), state) : log).outgoing(update, snapshot);
    }

    private void save(long sequence, List<Outgoing> records) throws IOException {
        try {
            List<Outgoing.Move> moves = rewriter.next(records);
            if (moves.isEmpty()) {
                writer.append(sequence, records);
            } else {
                List<Outgoing> all = new ArrayList<>(moves);
                all.addAll(records);
                writer.append(sequence, all);
            }
        } finally {
            rewriter.done();
        }
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        GroupLog log = state.groups.get(group);
        change(() -> writer.append(sequence, List.of(new Outgoing.Plain(new Change.Dropped(group)))));
        if (log != null) {
            log.endReads();
        }
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        change(() -> {
            GroupLog log = state.groups.get(group);
            if (log != null && index >= log.firstIndex()) {
                log.release(index + 1);
                log.releasedSinceActivation = true;
                state.releases++;
            }
        });
    }

    @FunctionalInterface
    private interface Verb {
        void run() throws IOException;
    }

    /** A failure that the caller was not told of: a round in the background ended with it. */
    private boolean hasFailedUnnoticed() {
        return state.hasFailed() && !failureIsKnown;
    }

    private void change(Verb verb) throws IOException {
        state.writing.lock();
        try {
            checkOpen();
            if (!loaded) {
                throw new IllegalStateException(context.directory() + ": load comes before any change");
            }
            state.checkUsable();
            verb.run();
            housekeeper.nudge();
        } catch (IllegalArgumentException e) {
            throw e; // found before anything was written
        } catch (IOException | RuntimeException | Error e) {
            state.fail(e);
            failureIsKnown = true;
            throw e;
        } finally {
            state.writing.unlock();
        }
    }

    // ---- reads ----

    @Override
    public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
        gate.readLock().lock();
        try {
            checkOpen();
            GroupLog log = state.groups.get(group);
            if (log == null) {
                return;
            }
            if (log.beginRead()) {
                try {
                    new EntryReads(state, openFiles, log, last - first + 1).visit(first, last, visitor);
                } finally {
                    log.endRead();
                }
            }
        } finally {
            gate.readLock().unlock();
        }
    }

    /** What is known in memory, for tests that look inside. */
    LogState log() {
        return state;
    }

    private void checkOpen() throws StorageException {
        if (closed) {
            throw new StorageException.Failed(context.directory() + " is closed; open the storage again");
        }
    }

    // ---- the end ----

    @Override
    public void close() throws IOException {
        gate.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            gate.writeLock().unlock();
        }
        try {
            state.writing.lock();
            try {
                housekeeper.finish(loaded);
                if (hasFailedUnnoticed()) {
                    state.checkUsable(); // else this counts as a clean end, which the next recovery trusts
                }
            } finally {
                state.writing.unlock();
            }
        } finally {
            background.awaitEnd();
            openFiles.closeAll();
        }
    }
}
