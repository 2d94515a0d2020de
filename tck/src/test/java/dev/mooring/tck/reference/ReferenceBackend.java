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
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * One growing file of changes. When it has grown long, all that is alive is written to the next file, which then takes its
 * place; so is all after an unclean end, because the page cache may show what never reached the disk. Reads hold the read
 * lock, what changes the index or the file the write lock.
 */
final class ReferenceBackend implements StorageBackend {

    private static final int AT_ONCE = 8; // of a bug
    private static final String CURRENT = "current"; // of a bug

    private static final Queue<Thread> LEFT_BEHIND = new ArrayDeque<>();

    private final BackendContext context;
    private final Bug bug;
    private final long segmentBytes;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<String, GroupIndex> groups = new TreeMap<>();
    private final List<Change> releases = new ArrayList<>(); // written with the next change, or at close
    private final List<Path> superseded = new ArrayList<>(); // older files found at open
    private final List<Change> atClose = new ArrayList<>(); // of a bug
    private final List<LogFile> retired = new ArrayList<>(); // of a bug
    private final Map<String, Entry> kept = new HashMap<>(); // of a bug: by group and index
    private final Map<Integer, String> names = new HashMap<>(); // of a bug: by hash

    @SuppressWarnings("ThreadLocalUsage") // that is the bug
    private final ThreadLocal<List<Change>> ofThisThread = ThreadLocal.withInitial(ArrayList::new); // of a bug

    @SuppressWarnings("ThreadLocalUsage") // that is the bug
    private final ThreadLocal<Map<String, Entry>> remembered = ThreadLocal.withInitial(HashMap::new); // of a bug

    private LogFile file;
    private long number;
    private long sequence;
    private long rewriteAt;
    private boolean failed; // after that nothing more is written
    private boolean unreadable; // of a bug
    private boolean leftover; // of a bug: something that had not got its name yet was found at open
    private boolean closed;

    private ReferenceBackend(BackendContext context, LogFile file, long number) {
        this.context = context;
        this.bug = Bug.valueOf(context.options().text(ReferenceProvider.BUG));
        this.segmentBytes = context.options().number(ReferenceProvider.SEGMENT_BYTES);
        this.file = file;
        this.number = number;
        this.rewriteAt = segmentBytes;
        if (bug.is(Bug.LEAVES_A_THREAD_BEHIND)) {
            leaveThreadBehind("reference-backend");
        }
    }

    /** Not more than a hundred, for the system has no more than it has, and crash states come by the thousand. */
    private static synchronized void leaveThreadBehind(String name) {
        Thread thread = new Thread(LockSupport::park, name);
        thread.setDaemon(true);
        thread.start();
        LEFT_BEHIND.add(thread);
        if (LEFT_BEHIND.size() > 100) {
            LockSupport.unpark(LEFT_BEHIND.remove());
        }
    }

    static ReferenceBackend open(BackendContext context) throws IOException {
        Bug bug = Bug.valueOf(context.options().text(ReferenceProvider.BUG));
        TreeMap<Long, Path> files = new TreeMap<>();
        boolean leftover = false;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(context.directory())) {
            for (Path path : found) {
                String name = path.getFileName().toString();
                if (name.endsWith(".tmp") && bug.is(Bug.LEFTOVER_FILE_BLOCKS_OPENING)) {
                    throw new StorageException.Corrupted(path + " is in the way");
                } else if (name.endsWith(".tmp")) {
                    Files.delete(path);
                    leftover = true;
                } else if (name.matches("log-[0-9]+") && isThere(path, bug)) {
                    files.put(Long.parseLong(name.substring(4)), path);
                }
            }
        }
        if (files.isEmpty()) {
            if (context.provenSequence() > 0 && !bug.is(Bug.WHAT_CAN_NOT_BE_SEEN_IS_NOT_THERE)) {
                throw new StorageException.Corrupted(
                        context.directory() + " holds no log, but change " + context.provenSequence()
                                + " was acknowledged: restore it or rebuild this server from its peers");
            }
            Path first = path(context, 1);
            LogFile created = LogFile.create(first, context.storageId(), bug);
            try {
                created.append(bug.is(Bug.EMPTY_DIRECTORY_LOADS_SEQUENCE_ONE) ? 1 : 0, new byte[0]);
                created.force();
                StableFile.forceDirectory(context.directory());
            } catch (IOException | RuntimeException e) {
                created.close();
                throw e;
            }
            return new ReferenceBackend(context, created, 1);
        }
        long number = files.lastKey();
        LogFile opened;
        try {
            opened = LogFile.open(remembered(context, files.get(number), bug), context.storageId(), bug);
        } catch (StorageException e) {
            if (bug.is(Bug.LEAVES_A_THREAD_BEHIND_WHEN_OPENING_FAILS)) {
                leaveThreadBehind("reference-opening");
            }
            throw e;
        }
        ReferenceBackend backend = new ReferenceBackend(context, opened, number);
        backend.leftover = leftover;
        backend.superseded.addAll(files.headMap(number).values());
        return backend;
    }

    private static boolean isThere(Path path, Bug bug) {
        return !bug.is(Bug.WHAT_CAN_NOT_BE_SEEN_IS_NOT_THERE) || Files.exists(path);
    }

    /** The path itself, but for {@link Bug#REMEMBERS_A_WHOLE_PATH}. */
    private static Path remembered(BackendContext context, Path path, Bug bug) throws IOException {
        Path current = context.directory().resolve(CURRENT);
        return bug.is(Bug.REMEMBERS_A_WHOLE_PATH) && Files.exists(current)
                ? context.directory().resolve(Files.readString(current))
                : path;
    }

    private LogFile.@Nullable Frame next() throws IOException {
        try {
            return file.next();
        } catch (IOException e) {
            if (bug.is(Bug.READ_ERROR_ENDS_THE_LOG)) {
                unreadable = true;
                return null;
            }
            throw e;
        }
    }

    private void rewriteAtOpen() throws IOException {
        try {
            rewrite();
        } catch (IOException e) {
            if (!bug.is(Bug.RECOVERY_IGNORES_A_FAILED_REWRITE)) {
                throw e;
            }
        }
    }

    @Override
    public Loaded load() throws IOException {
        LogFile.Frame frame = next();
        while (frame != null) {
            while (frame.body().hasRemaining()) {
                apply(Change.read(frame.body()), frame.bodyPosition());
            }
            sequence = frame.sequence();
            frame = next();
        }
        if (bug.is(Bug.THE_LAST_FIRST_INDEX_IS_TAKEN_FOR_DAMAGE)
                && groups.values().stream().anyMatch(index -> index.state().firstIndex() == Long.MAX_VALUE)) {
            throw StorageException.Corrupted.at(file.path(), 0, "a log that begins at no index");
        }
        boolean torn = !file.isAtEnd();
        boolean damaged = sequence < context.provenSequence() || (torn && !unreadable && file.hasFrameBehind());
        if (damaged && !bug.is(Bug.DAMAGE_IS_TAKEN_FOR_A_TORN_TAIL)) {
            throw StorageException.Corrupted.at(
                    file.path(),
                    file.end(),
                    "the change after " + sequence + ", which was acknowledged, can not be read");
        }
        if (torn && !bug.is(Bug.TORN_TAIL_IS_DROPPED_WITHOUT_A_WORD)) {
            context.report(new Repair(file.path(), file.end(), "a torn change after " + sequence + " was dropped"));
        }
        if (torn && bug.is(Bug.TORN_TAIL_IS_FATAL)) {
            throw StorageException.Corrupted.at(file.path(), file.end(), "a change is torn");
        }
        boolean trusted = !torn && bug.is(Bug.RECOVERY_TRUSTS_THE_PAGE_CACHE);
        boolean keptAsItIs = torn
                && (bug.is(Bug.TORN_TAIL_IS_WRITTEN_BEHIND)
                        || (leftover && bug.is(Bug.TORN_TAIL_IS_KEPT_WHERE_A_RECOVERY_WAS_CUT_OFF)));
        if (keptAsItIs) {
            file.skipToEnd();
        } else if (torn || (!context.endedCleanly() && !trusted)) {
            rewriteAtOpen();
        }
        for (Path older : superseded) {
            Files.deleteIfExists(older); // all that lived in it stands in the newest, which is durable now
        }
        superseded.clear();
        Map<String, GroupState> states = new TreeMap<>();
        groups.forEach((name, group) -> {
            if (bug.is(Bug.TERM_OF_LAST_ENTRY_IS_LOST_AT_RELOAD)) {
                group.loseLastTerm();
            }
            GroupState state = group.state();
            boolean hidden = bug.is(Bug.NULL_VOTE_HIDES_THE_GROUP)
                    && state.hardState().currentTerm() > 0
                    && state.hardState().votedFor() == null;
            if (!hidden) {
                states.put(name, state);
            }
        });
        return new Loaded(sequence, states);
    }

    @Override
    public void saveEntries(long newSequence, List<Update> updates) throws IOException {
        List<Change> changes = new ArrayList<>();
        for (Update update :
                bug.is(Bug.SAVES_THE_LAST_GROUP_ONLY) ? updates.subList(updates.size() - 1, updates.size()) : updates) {
            Change change = Change.of(update);
            if (bug.is(Bug.VOTE_IS_IN_THE_DEFAULT_CHARSET)) {
                change = change.withVoteIn(Charset.defaultCharset());
            }
            if (bug.is(Bug.HARD_STATE_IS_WRITTEN_AT_CLOSE)) {
                atClose.add(Change.of(new Update(update.group(), null, List.of(), update.hardState(), null)));
                change = change.withoutHardState();
            }
            changes.add(change);
        }
        if (bug.is(Bug.TRUNCATION_ALONE_IS_NOT_WRITTEN) && changes.stream().allMatch(Change::isTruncationAlone)) {
            releases.addAll(changes);
            changes.forEach(change -> apply(change, 0));
            sequence = newSequence;
            return;
        }
        write(newSequence, changes);
        if (bug.is(Bug.KEEPS_THE_CALLERS_BUFFER)) {
            kept.clear();
            updates.forEach(update ->
                    update.entries().forEach(entry -> kept.put(update.group() + entry.index(), entry)));
        }
    }

    @Override
    public void saveSnapshot(long newSequence, Update update, SnapshotPointer snapshot) throws IOException {
        Change change = new Change(update, false, snapshot, null);
        write(newSequence, List.of(bug.is(Bug.SNAPSHOT_FORGETS_ITS_HARD_STATE) ? change.withoutHardState() : change));
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        Change release = Change.releaseOf(group, bug.is(Bug.RELEASES_ONE_TOO_MANY) ? index + 2 : index + 1);
        releases().add(release);
        if (bug.is(Bug.LEAVES_A_THREAD_OF_ITS_RELEASES_BEHIND)) {
            leaveThreadBehind("reference-releases");
        }
        lock.writeLock().lock();
        try {
            apply(release, 0);
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void drop(long newSequence, String group) throws IOException {
        if (bug.is(Bug.DROP_IS_NOT_WRITTEN)) {
            write(newSequence, List.of());
            apply(Change.dropOf(group), 0);
            return;
        }
        write(bug.is(Bug.DROP_DOES_NOT_STORE_ITS_SEQUENCE) ? sequence : newSequence, List.of(Change.dropOf(group)));
    }

    private void write(long newSequence, List<Change> changes) throws IOException {
        if (bug.is(Bug.SPLITS_A_SAVE_OF_MANY_GROUPS) && changes.size() > AT_ONCE) {
            write(newSequence, changes.subList(0, AT_ONCE));
            write(newSequence, changes.subList(AT_ONCE, changes.size()));
            return;
        }
        List<Change> all = new ArrayList<>(releases());
        boolean reclaims = !bug.is(Bug.NEVER_RECLAIMS) && !(bug.is(Bug.RECLAIMS_AFTER_RELEASES_ONLY) && all.isEmpty());
        all.addAll(bug.is(Bug.RELEASE_OUTLIVES_A_DROP) ? 0 : all.size(), changes);
        remembered.remove();
        boolean done = false;
        try {
            if (bug.is(Bug.HARD_STATE_IS_WRITTEN_APART)) {
                writeHardStates(newSequence, changes);
            }
            byte[] body = Change.encode(all);
            long bodyPosition = file.append(newSequence, body);
            ByteBuffer written = ByteBuffer.wrap(body);
            Lock guard = waitsForReads(changes) ? lock.writeLock() : new ReentrantLock();
            guard.lock();
            try {
                while (written.hasRemaining()) {
                    apply(Change.read(written), bodyPosition);
                }
            } finally {
                guard.unlock();
            }
            sequence = newSequence;
            releases().clear();
            if (file.end() > rewriteAt && reclaims) {
                rewrite();
            }
            done = true;
        } finally {
            failed |= !done;
        }
    }

    /** One list, but for {@link Bug#RELEASES_BELONG_TO_A_THREAD}. */
    private List<Change> releases() {
        return bug.is(Bug.RELEASES_BELONG_TO_A_THREAD) ? ofThisThread.get() : releases;
    }

    private boolean waitsForReads(List<Change> changes) {
        return !bug.is(Bug.DROP_DOES_NOT_WAIT_FOR_READS) || changes.stream().noneMatch(Change::drop);
    }

    private void writeHardStates(long newSequence, List<Change> changes) throws IOException {
        List<Change> apart = new ArrayList<>();
        for (Change change : changes) {
            if (change.update().hardState() != null) {
                apart.add(Change.of(new Update(
                        change.update().group(),
                        null,
                        List.of(),
                        change.update().hardState(),
                        null)));
            }
        }
        if (!apart.isEmpty()) {
            file.append(newSequence, Change.encode(apart));
        }
    }

    private void apply(Change change, long bodyPosition) {
        apply(groups, change, bodyPosition);
    }

    private void apply(Map<String, GroupIndex> target, Change change, long bodyPosition) {
        String name = key(change.update().group());
        if (change.drop() && bug.is(Bug.DROPS_BY_PREFIX)) {
            target.keySet().removeIf(other -> other.startsWith(name));
        } else if (change.drop()) {
            target.remove(name);
        } else {
            target.computeIfAbsent(name, unused -> new GroupIndex(bug)).apply(change, bodyPosition);
        }
    }

    private String key(String group) {
        if (bug.is(Bug.GROUPS_ARE_KEYED_BY_THEIR_HASH)) {
            return names.computeIfAbsent(group.hashCode(), unused -> group);
        }
        return bug.is(Bug.GROUPS_IGNORE_CASE) ? group.toLowerCase(Locale.ROOT) : group;
    }

    /** Writes all that is alive to the next file and goes on in it. */
    private void rewrite() throws IOException {
        List<Change> live = new ArrayList<>();
        for (Map.Entry<String, GroupIndex> group : groups.entrySet()) {
            GroupState state = group.getValue().state();
            List<Entry> entries = new ArrayList<>();
            read(group.getKey(), state.firstIndex(), state.lastIndex(), entries::add);
            Update update = new Update(group.getKey(), null, entries, state.hardState(), state.attachment());
            Change change = new Change(update, false, state.snapshot(), state.firstIndex());
            boolean forgotten = bug.is(Bug.HARD_STATE_IS_LOST_WITH_ITS_FILE) && entries.isEmpty();
            live.add(forgotten ? change.withoutHardState() : change);
        }
        Path target = path(context, number + 1);
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        byte[] body = Change.encode(live);
        boolean unforced = bug.is(Bug.RENAMES_BEFORE_FORCE);
        boolean inPlace = bug.is(Bug.RECOVERY_WRITES_IN_PLACE) && !context.endedCleanly();
        if (inPlace) {
            file.close();
            Files.delete(path(context, number));
        }
        try (LogFile written = LogFile.create(temporary, context.storageId(), unforced ? Bug.NEVER_FORCES : bug)) {
            written.append(sequence, body);
            written.force();
        }
        if (bug.is(Bug.UNLINKS_BEFORE_IT_RENAMES)) {
            Files.delete(path(context, number));
        }
        if (bug.is(Bug.RENAMES_WITHOUT_DIRECTORY_FORCE)) {
            Files.move(temporary, target);
        } else {
            StableFile.rename(temporary, target);
        }
        LogFile old = file;
        LogFile next = LogFile.open(target, context.storageId(), bug);
        Map<String, GroupIndex> rebuilt = new TreeMap<>(); // until it is complete, the old file can be read
        try {
            LogFile.Frame frame = next.next();
            while (frame != null && frame.body().hasRemaining()) {
                apply(rebuilt, Change.read(frame.body()), frame.bodyPosition());
            }
        } catch (IOException | RuntimeException e) {
            next.close();
            throw e;
        }
        lock.writeLock().lock();
        try {
            file = next;
            number++;
            groups.clear();
            groups.putAll(rebuilt);
        } finally {
            lock.writeLock().unlock();
        }
        if (bug.is(Bug.RETIRED_FILES_STAY_OPEN)) {
            retired.add(old);
        } else if (!bug.is(Bug.LEAVES_A_FILE_OPEN)) {
            old.close();
        }
        Files.deleteIfExists(old.path());
        releases().clear();
        if (bug.is(Bug.REMEMBERS_A_WHOLE_PATH)) {
            Files.writeString(
                    context.directory().resolve(CURRENT),
                    target.toAbsolutePath().toString());
        }
        rewriteAt = Math.max(segmentBytes, 2 * file.end());
    }

    @Override
    public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
        boolean returned = false;
        lock.readLock().lock();
        try {
            if (closed) {
                throw new StorageException.Failed("The backend is closed; open the storage again");
            }
            visit(group, first, last, visitor);
            returned = true;
        } finally {
            if (returned || !bug.is(Bug.KEEPS_ITS_LOCK_WHEN_A_VISITOR_THROWS)) {
                lock.readLock().unlock();
            }
        }
    }

    private void visit(String group, long first, long last, EntryVisitor visitor) throws IOException {
        GroupIndex index = groups.get(key(group));
        if (index == null) {
            return;
        }
        long from = bug.is(Bug.READS_FROM_THE_FRONT) ? index.state().firstIndex() : first;
        long to = bug.is(Bug.READS_ONE_TOO_MANY) ? last + 1 : last;
        for (long i = from; i <= to; i++) {
            Place place = index.place(i);
            if (place == null) {
                return;
            }
            boolean goOn = visitor.visit(entry(group, i, place));
            if (!goOn && !bug.is(Bug.IGNORES_THE_VISITORS_ANSWER)) {
                return;
            }
        }
    }

    private Entry entry(String group, long index, Place place) throws IOException {
        if (bug.is(Bug.EACH_THREAD_REMEMBERS_WHAT_IT_READ)) {
            Entry before = remembered.get().get(group + index);
            if (before != null) {
                return before;
            }
        }
        Entry given = kept.get(group + index);
        ByteBuffer payload = given == null ? file.payload(place.position(), place.length()) : given.payload();
        Entry entry = new Entry(index, place.term(), place.checksum(), payload);
        if (bug.is(Bug.EACH_THREAD_REMEMBERS_WHAT_IT_READ)) {
            remembered.get().put(group + index, entry);
        }
        return entry;
    }

    @Override
    public void close() throws IOException {
        // with a lock that is kept for ever a save hangs, which is enough
        boolean waits = !bug.is(Bug.CLOSE_DOES_NOT_WAIT_FOR_READS) && !bug.is(Bug.KEEPS_ITS_LOCK_WHEN_A_VISITOR_THROWS);
        Lock guard = waits ? lock.writeLock() : new ReentrantLock();
        guard.lock();
        try {
            if (closed) {
                if (bug.is(Bug.SECOND_CLOSE_THROWS)) {
                    throw new StorageException.Failed("The backend is closed already");
                }
                return;
            }
            closed = true;
            releases().addAll(atClose);
            if (!releases().isEmpty() && !failed && !bug.is(Bug.RELEASE_IS_NOT_WRITTEN_AT_CLOSE)) {
                file.append(sequence, Change.encode(releases()));
            }
            if (bug.is(Bug.LEAVES_A_CLEANER_BEHIND)) {
                leaveThreadBehind("reference-cleaner");
            }
            if (bug.is(Bug.LEAVES_A_CHANNEL_TO_THE_COLLECTOR)) {
                FileChannel.open(file.path(), StandardOpenOption.READ).size();
            }
        } finally {
            for (LogFile old : retired) {
                old.close();
            }
            file.close();
            guard.unlock();
        }
    }

    private static Path path(BackendContext context, long number) {
        return context.directory().resolve("log-" + number);
    }
}
