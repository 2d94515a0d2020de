// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.SnapshotWriter;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Target;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Core and backend together, driven with the verbs of the model. A change of one group is one call; of several groups, one
 * call each. What an update says of the commit index is accepted first, so that it becomes durable with the rest. All calls
 * block: then the storage's own thread, which might write one accepted change before the next, has nothing to do.
 */
final class WholeStorage implements Target<IOException>, AutoCloseable {

    private final Plug plug;
    private final Path directory;
    private RaftStorage storage;

    private WholeStorage(Plug plug, Path directory, RaftStorage storage) {
        this.plug = plug;
        this.directory = directory;
        this.storage = storage;
    }

    static WholeStorage open(Plug plug, Path directory) throws IOException {
        return new WholeStorage(plug, directory, RaftStorage.open(config(plug, directory)));
    }

    /** The configuration by which an operator would choose this backend with these options. */
    static StorageConfig config(Plug plug, Path directory) throws IOException {
        String backend = plug.provider().name();
        Map<String, String> properties = new HashMap<>();
        properties.put("mooring.backend", backend);
        plug.configured().forEach((name, value) -> properties.put("mooring." + backend + "." + name, value));
        properties.put(
                "mooring.durability",
                plug.guarantees().durability().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        return StorageConfig.of(properties).withProvider(plug.provider()).withDirectory(directory);
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        for (Update update : updates) {
            save(update);
        }
    }

    private void save(Update update) throws IOException {
        RaftGroup group = storage.group(update.group());
        HardState hardState = update.hardState();
        ByteBuffer attachment = update.attachment();
        if (attachment != null) {
            group.attach(attachment);
        }
        if (update.truncateFrom() != null && update.entries().isEmpty()) {
            group.truncateFrom(update.truncateFrom());
        }
        if (hardState == null && update.entries().isEmpty()) {
            group.sync();
            return;
        }
        List<LogEntry> entries = new ArrayList<>(update.entries().size());
        for (Entry entry : update.entries()) {
            entries.add(new LogEntry(entry.index(), entry.term(), entry.payload()));
        }
        // in one call: storage's own thread may write at any moment what was accepted before
        group.saveEntries(
                hardState == null ? null : termAndVote(hardState),
                entries,
                hardState == null ? -1 : hardState.commitIndex());
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
                out.write(snapshotBytes(snapshot.index()));
            }
            writer.commit(snapshot.index(), snapshot.term(), hardState == null ? null : termAndVote(hardState));
        }
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
        storage = RaftStorage.open(config(plug, directory));
    }

    /** Everything it holds now, all entries read and verified. */
    Picture picture() throws IOException {
        return picture(storage);
    }

    static Picture picture(RaftStorage storage) throws IOException {
        Map<String, Picture.Group> groups = new TreeMap<>();
        for (String name : storage.groups()) {
            groups.put(name, picture(storage.group(name)));
        }
        return new Picture(Picture.UNKNOWN_SEQUENCE, groups);
    }

    private static Picture.Group picture(RaftGroup group) throws IOException {
        TermAndVote termAndVote = group.termAndVote();
        GroupState state = new GroupState(
                new HardState(termAndVote.currentTerm(), termAndVote.votedFor(), group.commitIndex()),
                group.snapshot(),
                group.attachment(),
                group.firstIndex(),
                group.lastIndex());
        List<Entry> entries = new ArrayList<>();
        if (state.firstIndex() <= state.lastIndex()) {
            group.read(state.firstIndex(), state.lastIndex(), Long.MAX_VALUE, entry -> {
                int checksum = Entry.checksum(group.name(), entry.index(), entry.term(), entry.payload());
                return entries.add(new Entry(entry.index(), entry.term(), checksum, entry.payload()));
            });
        }
        return new Picture.Group(state, entries);
    }

    RaftStorage storage() {
        return storage;
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }

    /** What the kit writes into a snapshot at this index. */
    static byte[] snapshotBytes(long index) {
        return Payloads.bytes(index, 3000);
    }

    private static TermAndVote termAndVote(HardState hardState) {
        return new TermAndVote(hardState.currentTerm(), hardState.votedFor());
    }
}
