// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.reference;

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
import dev.mooring.tck.reference.GroupIndex.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One growing file of changes. When it has grown long, all that is alive is written to the next file, which then takes its
 * place; so is all after an unclean end, because the page cache may show what never reached the disk. Reads hold the read
 * lock, what changes the index or the file the write lock.
 */
final class ReferenceBackend implements StorageBackend {

    private final BackendContext context;
    private final Bug bug;
    private final long segmentBytes;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<String, GroupIndex> groups = new TreeMap<>();
    private final List<Change> releases = new ArrayList<>(); // written with the next change, or at close
    private LogFile file;
    private long number;
    private long sequence;
    private long rewriteAt;
    private boolean failed; // after that nothing more is written
    private boolean closed;

    private ReferenceBackend(BackendContext context, LogFile file, long number) {
        this.context = context;
        this.bug = Bug.valueOf(context.options().text(ReferenceProvider.BUG));
        this.segmentBytes = context.options().number(ReferenceProvider.SEGMENT_BYTES);
        this.file = file;
        this.number = number;
        this.rewriteAt = segmentBytes;
    }

    static ReferenceBackend open(BackendContext context) throws IOException {
        Bug bug = Bug.valueOf(context.options().text(ReferenceProvider.BUG));
        TreeMap<Long, Path> files = new TreeMap<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(context.directory())) {
            for (Path path : found) {
                String name = path.getFileName().toString();
                if (name.endsWith(".tmp")) {
                    Files.delete(path);
                } else if (name.matches("log-[0-9]+")) {
                    files.put(Long.parseLong(name.substring(4)), path);
                }
            }
        }
        if (files.isEmpty()) {
            if (context.provenSequence() > 0) {
                throw new StorageException.Corrupted(
                        context.directory() + " holds no log, but change " + context.provenSequence()
                                + " was acknowledged: restore it or rebuild this server from its peers");
            }
            Path first = path(context, 1);
            LogFile created = LogFile.create(first, context.storageId(), bug);
            try {
                created.append(0, new byte[0]);
                created.force();
                forceDirectory(context, bug);
            } catch (IOException | RuntimeException e) {
                created.close();
                throw e;
            }
            return new ReferenceBackend(context, created, 1);
        }
        long number = files.lastKey();
        ReferenceBackend backend =
                new ReferenceBackend(context, LogFile.open(files.get(number), context.storageId(), bug), number);
        for (Path older : files.headMap(number).values()) {
            Files.delete(older); // all that lived in it was written to the next one
        }
        return backend;
    }

    @Override
    public Loaded load() throws IOException {
        LogFile.Frame frame = file.next();
        while (frame != null) {
            while (frame.body().hasRemaining()) {
                apply(Change.read(frame.body()), frame.bodyPosition());
            }
            sequence = frame.sequence();
            frame = file.next();
        }
        boolean torn = !file.isAtEnd();
        if (sequence < context.provenSequence() || (torn && file.hasFrameBehind())) {
            throw StorageException.Corrupted.at(
                    file.path(),
                    file.end(),
                    "the change after " + sequence + ", which was acknowledged, can not be read");
        }
        if (torn) {
            context.report(new Repair(file.path(), file.end(), "a torn change after " + sequence + " was dropped"));
        }
        if (torn || !context.endedCleanly()) {
            rewrite();
        }
        Map<String, GroupState> states = new TreeMap<>();
        groups.forEach((name, group) -> states.put(name, group.state()));
        return new Loaded(sequence, states);
    }

    @Override
    public void saveEntries(long newSequence, List<Update> updates) throws IOException {
        write(newSequence, updates.stream().map(Change::of).toList());
    }

    @Override
    public void saveSnapshot(long newSequence, Update update, SnapshotPointer snapshot) throws IOException {
        write(newSequence, List.of(new Change(update, false, snapshot, null)));
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        Change release = Change.releaseOf(group, index + 1);
        releases.add(release);
        lock.writeLock().lock();
        try {
            apply(release, 0);
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void drop(long newSequence, String group) throws IOException {
        write(newSequence, List.of(Change.dropOf(group)));
    }

    private void write(long newSequence, List<Change> changes) throws IOException {
        List<Change> all = new ArrayList<>(releases);
        all.addAll(changes);
        boolean done = false;
        try {
            byte[] body = Change.encode(all);
            long bodyPosition = file.append(newSequence, body);
            ByteBuffer written = ByteBuffer.wrap(body);
            lock.writeLock().lock();
            try {
                while (written.hasRemaining()) {
                    apply(Change.read(written), bodyPosition);
                }
            } finally {
                lock.writeLock().unlock();
            }
            sequence = newSequence;
            releases.clear();
            if (file.end() > rewriteAt) {
                rewrite();
            }
            done = true;
        } finally {
            failed |= !done;
        }
    }

    private void apply(Change change, long bodyPosition) {
        String name = change.update().group();
        if (change.drop()) {
            groups.remove(name);
        } else {
            groups.computeIfAbsent(name, unused -> new GroupIndex(bug)).apply(change, bodyPosition);
        }
    }

    /** Writes all that is alive to the next file and goes on in it. */
    private void rewrite() throws IOException {
        List<Change> live = new ArrayList<>();
        for (Map.Entry<String, GroupIndex> group : groups.entrySet()) {
            GroupState state = group.getValue().state();
            List<Entry> entries = new ArrayList<>();
            read(group.getKey(), state.firstIndex(), state.lastIndex(), entries::add);
            Update update = new Update(group.getKey(), null, entries, state.hardState(), state.attachment());
            live.add(new Change(update, false, state.snapshot(), state.firstIndex()));
        }
        Path target = path(context, number + 1);
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        byte[] body = Change.encode(live);
        try (LogFile written = LogFile.create(temporary, context.storageId(), bug)) {
            written.append(sequence, body);
            written.force();
        }
        if (bug.is(Bug.RENAMES_WITHOUT_DIRECTORY_FORCE)) {
            Files.move(temporary, target);
        } else {
            StableFile.rename(temporary, target);
        }
        lock.writeLock().lock();
        try {
            file.close();
            Files.delete(path(context, number));
            number++;
            file = LogFile.open(target, context.storageId(), bug);
            groups.clear();
            LogFile.Frame frame = file.next();
            while (frame != null && frame.body().hasRemaining()) {
                apply(Change.read(frame.body()), frame.bodyPosition());
            }
        } finally {
            lock.writeLock().unlock();
        }
        releases.clear();
        rewriteAt = Math.max(segmentBytes, 2 * file.end());
    }

    @Override
    public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new StorageException.Failed("The backend is closed; open the storage again");
            }
            GroupIndex index = groups.get(group);
            for (long i = first; index != null && i <= last; i++) {
                Place place = index.place(i);
                if (place == null
                        || !visitor.visit(new Entry(
                                i, place.term(), place.checksum(), file.payload(place.position(), place.length())))) {
                    return;
                }
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lock.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            if (!releases.isEmpty() && !failed) {
                file.append(sequence, Change.encode(releases));
            }
        } finally {
            file.close();
            lock.writeLock().unlock();
        }
    }

    private static void forceDirectory(BackendContext context, Bug bug) throws IOException {
        if (!bug.is(Bug.RENAMES_WITHOUT_DIRECTORY_FORCE)) {
            StableFile.forceDirectory(context.directory());
        }
    }

    private static Path path(BackendContext context, long number) {
        return context.directory().resolve("log-" + number);
    }
}
