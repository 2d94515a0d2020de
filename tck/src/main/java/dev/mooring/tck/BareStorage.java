// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.Repair;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A bare backend with what the core does around it and nothing more: the directory and its first initialisation, the
 * context, and buffers that die with the call. One thread calls the changing verbs, any thread reads.
 */
final class BareStorage implements Target<IOException>, AutoCloseable {

    private final Plug plug;
    private final Path directory;
    private final UUID storageId;
    private final Lending lending = new Lending();
    private final List<Repair> repairs = new ArrayList<>();
    private StorageBackend backend;
    private Loaded loaded;
    private long sequence;

    private BareStorage(Plug plug, Path directory, UUID storageId, StorageBackend backend) throws IOException {
        this.plug = plug;
        this.directory = directory;
        this.storageId = storageId;
        this.backend = backend;
        this.loaded = load();
    }

    /** Initialises an empty directory as the core does, under a name that is changed afterwards, and opens it. */
    static BareStorage create(Plug plug, Path directory) throws IOException {
        UUID storageId = UUID.randomUUID();
        Path temporary = directory.resolve("data.tmp");
        Files.createDirectories(temporary);
        try (StorageBackend backend = plug.provider().open(context(plug, temporary, storageId, 0, true, List.of()))) {
            Loaded loaded = backend.load();
            Check.that(
                    loaded.sequence() == 0 && loaded.groups().isEmpty(),
                    () -> "an empty directory loads sequence " + loaded.sequence() + " and the groups "
                            + loaded.groups().keySet());
        }
        StableFile.rename(temporary, directory.resolve("data"));
        return open(plug, directory, storageId, 0, true);
    }

    /**
     * Opens a directory that {@link #create} made.
     *
     * @param provenSequence what the mark would prove
     * @param endedCleanly whether the last user closed it
     */
    static BareStorage open(Plug plug, Path directory, UUID storageId, long provenSequence, boolean endedCleanly)
            throws IOException {
        List<Repair> repairs = new ArrayList<>();
        StorageBackend backend = plug.provider()
                .open(context(plug, directory.resolve("data"), storageId, provenSequence, endedCleanly, repairs));
        try {
            BareStorage storage = new BareStorage(plug, directory, storageId, backend);
            storage.repairs.addAll(repairs);
            return storage;
        } catch (IOException | RuntimeException | Error e) {
            try {
                backend.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    @Override
    public void saveEntries(long newSequence, List<Update> updates) throws IOException {
        List<Update> lent = updates.stream().map(lending::lend).toList();
        try {
            backend.saveEntries(newSequence, lent);
        } finally {
            lending.takeBack();
        }
        sequence = newSequence;
    }

    @Override
    public void saveSnapshot(long newSequence, Update update, SnapshotPointer snapshot) throws IOException {
        Update lent = lending.lend(update);
        try {
            backend.saveSnapshot(newSequence, lent, snapshot);
        } finally {
            lending.takeBack();
        }
        sequence = newSequence;
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        backend.releaseLock(group, index);
    }

    @Override
    public void drop(long newSequence, String group) throws IOException {
        backend.drop(newSequence, group);
        sequence = newSequence;
    }

    /** Closes and opens in the same directory; the mark then proves everything. */
    @Override
    public void reopen() throws IOException {
        backend.close();
        open(sequence, true);
    }

    /**
     * Goes on in a copy of the directory, taken as it is now: what SIGKILL would leave. The old instance is closed
     * afterwards.
     *
     * @param provenSequence what the mark proves, at most the last sequence
     */
    void crash(long provenSequence) throws IOException {
        Path copy = directory.resolve("data.copy");
        Trees.copy(directory.resolve("data"), copy);
        backend.close();
        Trees.delete(directory.resolve("data"));
        Files.move(copy, directory.resolve("data"));
        open(provenSequence, false);
    }

    private void open(long provenSequence, boolean endedCleanly) throws IOException {
        repairs.clear();
        backend = plug.provider()
                .open(context(plug, directory.resolve("data"), storageId, provenSequence, endedCleanly, repairs));
        loaded = load();
    }

    private Loaded load() throws IOException {
        Loaded found = backend.load();
        sequence = found.sequence();
        return found;
    }

    /** Everything that the last load reported, with all entries read. Only right after an open. */
    Picture picture() throws IOException {
        Map<String, Picture.Group> groups = new TreeMap<>();
        for (Map.Entry<String, GroupState> group : loaded.groups().entrySet()) {
            GroupState state = group.getValue();
            groups.put(
                    group.getKey(),
                    new Picture.Group(state, read(group.getKey(), state.firstIndex(), state.lastIndex())));
        }
        return new Picture(loaded.sequence(), groups);
    }

    /** Copies of the entries that a read visits. */
    List<Entry> read(String group, long first, long last) throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (first <= last) {
            backend.read(group, first, last, entry -> entries.add(copy(entry)));
        }
        return entries;
    }

    StorageBackend backend() {
        return backend;
    }

    Loaded loaded() {
        return loaded;
    }

    long sequence() {
        return sequence;
    }

    UUID storageId() {
        return storageId;
    }

    List<Repair> repairs() {
        return List.copyOf(repairs);
    }

    @Override
    public void close() throws IOException {
        backend.close();
    }

    /** An entry that outlives the visitor's call. */
    static Entry copy(Entry entry) {
        ByteBuffer payload = entry.payload();
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        return new Entry(entry.index(), entry.term(), entry.checksum(), ByteBuffer.wrap(bytes));
    }

    private static BackendContext context(
            Plug plug, Path data, UUID storageId, long provenSequence, boolean endedCleanly, List<Repair> repairs)
            throws IOException {
        return new BackendContext(data, plug.options(), storageId, provenSequence, endedCleanly, repairs::add);
    }
}
