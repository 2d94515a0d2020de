// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.power;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.Snapshot;
import dev.mooring.SnapshotWriter;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The verbs of the SPI, said in the words of the API. A snapshot of storage's own has bytes that follow from where it ends. */
final class CoreSession implements Subject.Session {

    private static final int SNAPSHOT_BYTES = 1300;
    private static final int QUEUED_SAVES = 6;

    private final StorageConfig config;
    private final CoreSubject.Repairs repairs = new CoreSubject.Repairs();
    private final boolean queued;
    private RaftStorage storage;
    private CompletableFuture<Void> latest = CompletableFuture.completedFuture(null);
    private CompletableFuture<Void> durable = latest; // everything so far
    private int saves;

    CoreSession(StorageConfig config, boolean queued) throws IOException {
        this.config = config;
        this.queued = queued;
        this.storage = RaftStorage.open(config, repairs);
    }

    RaftStorage storage() {
        return storage;
    }

    @Override
    public int repairs() {
        return repairs.count();
    }

    /** Several groups are saved one after the other. */
    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        for (Update update : updates) {
            save(update);
        }
    }

    /** What {@link #save} has accepted after each of its steps but the last. Only for one group. */
    static List<List<Update>> acceptedBefore(List<Update> updates, Model before) {
        Update update = updates.get(0);
        HardState old = before.state(update.group()).hardState();
        HardState hardState = update.hardState();
        List<List<Update>> steps = new ArrayList<>();
        HardState committed = null;
        if (hardState != null && hardState.commitIndex() > old.commitIndex()) {
            committed = new HardState(old.currentTerm(), old.votedFor(), hardState.commitIndex());
            steps.add(List.of(new Update(update.group(), null, List.of(), committed, null)));
        }
        ByteBuffer attachment = update.attachment();
        if (attachment != null) {
            steps.add(List.of(new Update(update.group(), null, List.of(), committed, attachment)));
        }
        if (update.truncateFrom() != null && update.entries().isEmpty()) {
            steps.add(List.of(new Update(update.group(), update.truncateFrom(), List.of(), committed, attachment)));
        }
        return steps;
    }

    private void save(Update update) throws IOException {
        RaftGroup group = storage.group(update.group());
        HardState hardState = update.hardState();
        if (hardState != null && hardState.commitIndex() >= 0) {
            // of an entry that stays. First: alone it is worth no sync, and the storage's own thread may write what
            // comes
            // before it at any moment, and leave nothing for it to ride on
            group.commitIndex(hardState.commitIndex());
        }
        ByteBuffer attachment = update.attachment();
        if (attachment != null) {
            group.attach(attachment);
        }
        Long truncateFrom = update.truncateFrom();
        if (truncateFrom != null && update.entries().isEmpty()) {
            group.truncateFrom(truncateFrom);
        }
        List<LogEntry> entries = new ArrayList<>();
        for (Entry entry : update.entries()) {
            entries.add(new LogEntry(entry.index(), entry.term(), entry.payload()));
        }
        TermAndVote termAndVote =
                hardState == null ? null : new TermAndVote(hardState.currentTerm(), hardState.votedFor());
        boolean syncs = termAndVote == null && entries.isEmpty();
        if (queued) {
            latest = syncs ? group.syncAsync() : group.saveEntriesAsync(termAndVote, entries);
            if (++saves % QUEUED_SAVES == 0) {
                latest.join();
            }
        } else if (syncs) {
            group.sync();
        } else {
            group.saveEntries(termAndVote, entries);
        }
    }

    @Override
    public void whenDurable(Runnable acknowledge) {
        durable = CompletableFuture.allOf(durable, latest).thenRun(acknowledge);
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        RaftGroup group = storage.group(update.group());
        if (snapshot.external()) {
            group.recordSnapshot(snapshot.index(), snapshot.term());
            return;
        }
        HardState hardState = update.hardState();
        try (SnapshotWriter writer = group.newSnapshot()) {
            try (OutputStream out = writer.newFile(SnapshotWriter.DEFAULT_FILE)) {
                out.write(snapshotBytes(snapshot));
            }
            writer.commit(
                    snapshot.index(),
                    snapshot.term(),
                    hardState == null ? null : new TermAndVote(hardState.currentTerm(), hardState.votedFor()));
        }
    }

    private static byte[] snapshotBytes(SnapshotPointer pointer) {
        return Payloads.bytes(pointer.index() * 31 + pointer.term(), SNAPSHOT_BYTES);
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        storage.group(group).releaseLock(index);
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        storage.drop(group);
    }

    @Override
    public void reopen() throws IOException {
        storage.close();
        storage = RaftStorage.open(config, repairs);
    }

    @Override
    public Picture picture() throws IOException {
        Map<String, Picture.Group> groups = new TreeMap<>();
        for (String name : storage.groups()) {
            groups.put(name, picture(storage.group(name)));
        }
        return new Picture(Picture.UNKNOWN_SEQUENCE, groups);
    }

    /** Reads every entry that may have been acknowledged, of all groups but one. */
    void readDurable(String except) throws IOException {
        for (String name : storage.groups()) {
            if (name.equals(except)) {
                continue;
            }
            RaftGroup group = storage.group(name);
            long last = Math.min(group.durableIndex(), group.lastIndex());
            if (group.firstIndex() <= last) {
                long[] next = {group.firstIndex()};
                group.read(group.firstIndex(), last, Long.MAX_VALUE, entry -> next[0]++ == entry.index());
                if (next[0] != last + 1) {
                    throw new AssertionError("group '" + name + "': a read up to the durable index " + last
                            + " ended before " + next[0]);
                }
            }
        }
    }

    private static Picture.Group picture(RaftGroup group) throws IOException {
        TermAndVote termAndVote = group.termAndVote();
        SnapshotPointer pointer = group.snapshot();
        GroupState state = new GroupState(
                new HardState(termAndVote.currentTerm(), termAndVote.votedFor(), group.commitIndex()),
                pointer,
                group.attachment(),
                group.firstIndex(),
                group.lastIndex());
        List<Entry> entries = new ArrayList<>();
        if (state.firstIndex() <= state.lastIndex()) {
            group.read(state.firstIndex(), state.lastIndex(), Long.MAX_VALUE, entry -> {
                ByteBuffer payload = entry.payload();
                int checksum = Entry.checksum(group.name(), entry.index(), entry.term(), payload.duplicate());
                entries.add(new Entry(entry.index(), entry.term(), checksum, payload));
                return true;
            });
        }
        if (pointer != null && !pointer.external()) {
            checkSnapshot(group, pointer);
        }
        return new Picture.Group(state, entries);
    }

    private static void checkSnapshot(RaftGroup group, SnapshotPointer pointer) throws IOException {
        try (Snapshot snapshot = group.openSnapshot()) {
            if (snapshot == null || snapshot.index() != pointer.index() || snapshot.term() != pointer.term()) {
                throw new AssertionError("group '" + group.name() + "': the snapshot that opens is "
                        + (snapshot == null ? "none" : snapshot.index() + " of term " + snapshot.term())
                        + ", the pointer is " + pointer);
            }
            try (InputStream in = snapshot.open(SnapshotWriter.DEFAULT_FILE)) {
                if (!Arrays.equals(in.readAllBytes(), snapshotBytes(pointer))) {
                    throw new AssertionError(
                            "group '" + group.name() + "': other bytes than were written to snapshot " + pointer);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }
}
