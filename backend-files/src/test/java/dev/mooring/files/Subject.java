// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.Options;
import dev.mooring.spi.Repair;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Rebase;
import dev.mooring.tck.model.Step;
import dev.mooring.tck.model.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/** An open backend, its model beside it, and what a test wants to do with both. */
final class Subject implements Target<IOException>, AutoCloseable {

    static final UUID ID = new UUID(0x1234, 0x5678);

    final Path directory;
    final Model model;
    final List<Repair> repairs = new ArrayList<>();
    final FilesBackend backend;
    final Housekeeper.Background background;
    final Loaded loaded;

    /** How to open. */
    record Setting(
            long segmentBytes, long provenSequence, boolean endedCleanly, boolean inBackground, long maxBodyBytes) {
        /** Small segments, housekeeping on the caller's thread so that runs repeat, and a first opening. */
        static final Setting SMALL = new Setting(8192, 0, true, false, 1 << 30);

        Setting segments(long bytes) {
            return new Setting(bytes, provenSequence, endedCleanly, inBackground, maxBodyBytes);
        }

        Setting crashed(long proven) {
            return new Setting(segmentBytes, proven, false, inBackground, maxBodyBytes);
        }

        Setting closed(long proven) {
            return new Setting(segmentBytes, proven, true, inBackground, maxBodyBytes);
        }

        Setting withThread() {
            return new Setting(segmentBytes, provenSequence, endedCleanly, true, maxBodyBytes);
        }

        Setting frames(long maxBytes) {
            return new Setting(segmentBytes, provenSequence, endedCleanly, inBackground, maxBytes);
        }
    }

    private Subject(Path directory, Model model, Setting setting, Housekeeper.Background background)
            throws IOException {
        this.directory = directory;
        this.model = model;
        this.background = background;
        this.backend = new FilesBackend(
                new BackendContext(
                        directory,
                        Options.of("files", new FilesStorageProvider().options(), Map.of()),
                        ID,
                        setting.provenSequence(),
                        setting.endedCleanly(),
                        repairs::add),
                background,
                setting.segmentBytes(),
                setting.maxBodyBytes());
        try {
            this.loaded = backend.load();
        } catch (IOException | RuntimeException | Error e) {
            backend.close();
            throw e;
        }
    }

    static Subject open(Path directory, Setting setting) throws IOException {
        return open(directory, setting, background(setting));
    }

    static Subject open(Path directory, Setting setting, Housekeeper.Background background) throws IOException {
        return new Subject(directory, new Model(), setting, background);
    }

    private static Housekeeper.Background background(Setting setting) {
        return setting.inBackground() ? new BackgroundThread("files") : new CallerRuns();
    }

    /** Opens what another subject left. */
    static Subject reopen(Subject before, Setting setting) throws IOException {
        return new Subject(before.directory, before.model, setting, background(setting));
    }

    /** Housekeeping at once, on the thread that asks for it. */
    static final class CallerRuns implements Housekeeper.Background {
        int failures; // so many next rounds can not begin

        @Override
        public void run(Runnable round) {
            if (failures > 0) {
                failures--;
                throw new OutOfMemoryError("unable to create native thread");
            }
            round.run();
        }

        @Override
        public void awaitEnd() {}
    }

    // ---- verbs, of backend and model ----

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        backend.saveEntries(sequence, updates);
        model.saveEntries(sequence, updates);
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        backend.saveSnapshot(sequence, update, snapshot);
        model.saveSnapshot(sequence, update, snapshot);
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        backend.releaseLock(group, index);
        model.releaseLock(group, index);
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        backend.drop(sequence, group);
        model.drop(sequence, group);
    }

    @Override
    public void reopen() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() throws IOException {
        backend.close();
    }

    // ---- shorthand ----

    Segment activeSegment() {
        return Objects.requireNonNull(backend.log().active());
    }

    long next() {
        return model.sequence() + 1;
    }

    /** Appends entries of term 1, starting at 1. */
    void append(String group, int count, int payloadBytes) throws IOException {
        saveEntries(next(), List.of(entries(group, count, payloadBytes)));
    }

    Update entries(String group, int count, int payloadBytes) {
        long first = Math.max(1, model.state(group).lastIndex() + 1);
        return new Update(group, null, Payloads.run(group, first, count, 1, payloadBytes, next()), null, null);
    }

    /** Releases all but the newest entries. */
    void keep(String group, int count) throws IOException {
        GroupState state = model.state(group);
        long index = state.lastIndex() - count;
        if (index >= state.firstIndex()) {
            releaseLock(group, index);
        }
    }

    /** Makes a step on both; nothing if it means nothing in this state. */
    void step(Step step) throws IOException {
        Call call = Rebase.resolve(step, model);
        if (call != null) {
            call.on(this);
        }
    }

    // ---- what is there ----

    /** What {@code load} said, with every entry read back. */
    Picture picture() throws IOException {
        Map<String, Picture.Group> groups = new HashMap<>();
        for (Map.Entry<String, GroupState> each : loaded.groups().entrySet()) {
            GroupState state = each.getValue();
            groups.put(
                    each.getKey(),
                    new Picture.Group(state, read(each.getKey(), state.firstIndex(), state.lastIndex())));
        }
        return new Picture(loaded.sequence(), groups);
    }

    /** Copies of what a read visits. */
    List<Entry> read(String group, long first, long last) throws IOException {
        List<Entry> found = new ArrayList<>();
        if (first <= last) {
            backend.read(group, first, last, entry -> found.add(copy(entry)));
        }
        return found;
    }

    /** Every entry of the model is read back as it was saved. */
    void checkReads() throws IOException {
        for (String group : model.groups()) {
            GroupState state = model.state(group);
            List<Entry> expected = new ArrayList<>();
            for (long index = state.firstIndex(); index <= state.lastIndex(); index++) {
                expected.add(model.entry(group, index));
            }
            if (!read(group, state.firstIndex(), state.lastIndex()).equals(expected)) {
                throw new AssertionError("group " + group + " does not read back as it was saved");
            }
        }
    }

    static Entry copy(Entry entry) {
        ByteBuffer payload = entry.payload();
        return new Entry(
                entry.index(),
                entry.term(),
                entry.checksum(),
                ByteBuffer.allocate(payload.remaining()).put(payload).flip());
    }
}
