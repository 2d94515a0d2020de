// SPDX-License-Identifier: Apache-2.0
package dev.mooring.examples.journal;

import dev.mooring.examples.journal.Group.Place;
import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Entry;
import dev.mooring.spi.EntryVisitor;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.Repair;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/** Appends every change to one file and forces it; what lives is written to a new file when the old one has grown. */
final class JournalBackend implements StorageBackend {

    /*
     * Changing verbs come one at a time, so writing the file needs no lock. Readers come at any time: the groups, and
     * which file is the present one, are changed and read under this object's monitor, and nothing slow is done there
     * but the read of one payload. A save forces its change, and a visitor takes its entry, without the monitor.
     */
    private static final int GROWTH = 2;
    private static final int BATCH_BYTES = 1 << 20;

    private final BackendContext context;
    private final Path path;
    private final ReadWriteLock visits = new ReentrantReadWriteLock(); // close and drop wait for running reads

    private JournalFile file;
    private Map<String, Group> groups = new TreeMap<>();
    private boolean closed;

    private JournalBackend(BackendContext context, Path path, JournalFile file) {
        this.context = context;
        this.path = path;
        this.file = file;
    }

    static JournalBackend open(BackendContext context) throws IOException {
        Path path = context.directory().resolve("journal");
        Files.deleteIfExists(unfinished(path)); // of a rewrite that was cut off
        if (!StableFile.exists(path)) {
            if (context.provenSequence() > 0 || !context.endedCleanly()) { // else it is new, or nothing was ever saved
                throw new StorageException.Corrupted(
                        path
                                + " is missing. Rebuild this server from its peers; only where no majority is whole, put back a backup");
            }
            try (JournalFile first = JournalFile.create(unfinished(path), 0)) {
                first.endBase(context.storageId());
            }
            StableFile.rename(unfinished(path), path);
        }
        return new JournalBackend(context, path, JournalFile.open(path, context.storageId()));
    }

    @Override
    public Loaded load() throws IOException {
        groups = replay(file);
        boolean bad = file.endsInABadFrame();
        if (file.sequence() < context.provenSequence() || (bad && (context.endedCleanly() || file.hasFrameBehind()))) {
            throw file.damage(
                    file.end(),
                    "the change after " + file.sequence() + ", which was acknowledged, can not be read. What is left"
                            + " ends, group by group, with the entries " + lastIndexes());
        }
        if (bad) {
            context.report(new Repair(
                    path,
                    file.end(),
                    "the change after " + file.sequence()
                            + " is torn, and was dropped: nothing proves that it was acknowledged"));
        }
        if (!context.endedCleanly()) {
            rewrite(); // what was read may be in the page cache only; this drops a torn change, too
        }
        Map<String, GroupState> states = new TreeMap<>();
        groups.forEach((name, group) -> states.put(name, group.state()));
        return new Loaded(file.sequence(), states);
    }

    private Map<String, Long> lastIndexes() {
        Map<String, Long> last = new TreeMap<>();
        groups.forEach((name, group) -> last.put(name, group.state().lastIndex()));
        return last;
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        append(sequence, updates.stream().map(Change::of).toList());
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        append(sequence, List.of(Change.of(update, snapshot)));
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        append(file.sequence(), List.of(Change.releaseOf(group, index)));
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        visits.writeLock().lock();
        try {
            append(sequence, List.of(Change.dropOf(group)));
        } finally {
            visits.writeLock().unlock();
        }
    }

    @Override
    public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
        visits.readLock().lock();
        try {
            for (long index = first; index <= last; index++) {
                Entry entry = entry(group, index);
                if (entry == null || !visitor.visit(entry)) {
                    return;
                }
            }
        } finally {
            visits.readLock().unlock();
        }
    }

    private synchronized @Nullable Entry entry(String name, long index) throws IOException {
        if (closed) {
            throw new StorageException.Failed("The backend is closed; open the storage again");
        }
        Group group = groups.get(name);
        Place place = group == null ? null : group.place(index);
        return place == null
                ? null
                : new Entry(index, place.term(), place.checksum(), file.payload(place.position(), place.length()));
    }

    @Override
    public void close() throws IOException {
        visits.writeLock().lock();
        try {
            letGo();
        } finally {
            visits.writeLock().unlock();
        }
    }

    private synchronized void letGo() throws IOException {
        closed = true;
        file.close();
    }

    /** One frame, so that the change is whole or absent; memory changes only once it is durable. */
    private void append(long sequence, List<Change> changes) throws IOException {
        byte[] body = Change.encode(changes);
        long bodyPosition = file.append(sequence, body);
        file.force();
        synchronized (this) {
            apply(groups, ByteBuffer.wrap(body), bodyPosition);
        }
        long rewriteBytes = context.options().number(JournalStorageProvider.REWRITE_BYTES);
        if (file.end() > Math.max(rewriteBytes, GROWTH * file.baseEnd())) {
            rewrite();
        }
    }

    private static Map<String, Group> replay(JournalFile file) throws IOException {
        Map<String, Group> groups = new TreeMap<>();
        for (JournalFile.Frame frame = file.next(); frame != null; frame = file.next()) {
            apply(groups, frame.body(), frame.bodyPosition());
        }
        return groups;
    }

    private static void apply(Map<String, Group> groups, ByteBuffer body, long bodyPosition) throws IOException {
        while (body.hasRemaining()) {
            Change change = Change.read(body);
            String name = change.update().group();
            if (change.dropped()) {
                groups.remove(name);
            } else {
                groups.computeIfAbsent(name, unused -> new Group()).apply(change, bodyPosition);
            }
        }
    }

    /** Writes what lives to a new file, which takes the place of the old one, and goes on in it. */
    private void rewrite() throws IOException {
        try (JournalFile next = JournalFile.create(unfinished(path), file.sequence())) {
            for (Map.Entry<String, Group> group : groups.entrySet()) {
                copy(group.getKey(), group.getValue().state(), next);
            }
            next.endBase(context.storageId());
        }
        StableFile.rename(unfinished(path), path);
        goOnIn(JournalFile.open(path, context.storageId()));
    }

    /** In frames of bounded length, for a group may be larger than memory. */
    private void copy(String name, GroupState state, JournalFile next) throws IOException {
        next.append(next.sequence(), Change.encode(List.of(Change.of(name, state))));
        List<Entry> batch = new ArrayList<>();
        long bytes = 0;
        for (long index = state.firstIndex(); index <= state.lastIndex(); index++) {
            Entry entry = Objects.requireNonNull(entry(name, index));
            batch.add(entry);
            bytes += entry.payloadBytes();
            if (bytes >= BATCH_BYTES || index == state.lastIndex()) {
                Update update = new Update(name, null, batch, null, null);
                next.append(next.sequence(), Change.encode(List.of(Change.of(update))));
                batch.clear();
                bytes = 0;
            }
        }
    }

    /** Until all of the new file is known, the old one is read, be it without a name. */
    private void goOnIn(JournalFile next) throws IOException {
        Map<String, Group> moved;
        try {
            moved = replay(next);
        } catch (IOException | RuntimeException e) {
            next.close();
            throw e;
        }
        JournalFile old = file;
        synchronized (this) {
            file = next;
            groups = moved;
        }
        old.close();
    }

    private static Path unfinished(Path path) {
        return path.resolveSibling("journal.tmp");
    }
}
