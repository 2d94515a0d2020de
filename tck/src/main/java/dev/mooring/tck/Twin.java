// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.Entry;
import dev.mooring.spi.GroupState;
import dev.mooring.spi.HardState;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Oracle;
import dev.mooring.tck.model.Payloads;
import dev.mooring.tck.model.Picture;
import dev.mooring.tck.model.Picture.Difference;
import dev.mooring.tck.model.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bare backend beside the model of it: every call is made on both, and what the backend then holds must be what the
 * model holds. The short verbs number the changes themselves.
 */
final class Twin implements Target<IOException>, AutoCloseable {

    private final Plug plug;
    private final BareStorage storage;
    private final Consumer<? super Throwable> heard;
    private final Model model = new Model();

    private Twin(Plug plug, BareStorage storage, Consumer<? super Throwable> heard) {
        this.plug = plug;
        this.storage = storage;
        this.heard = heard;
    }

    /** A new one, with nothing in it; {@code heard} is given the errors that a check provoked and wanted. */
    static Twin create(Plug plug, Path directory, Consumer<? super Throwable> heard) throws IOException {
        return new Twin(plug, BareStorage.create(plug, directory), heard);
    }

    @Override
    public void saveEntries(long sequence, List<Update> updates) throws IOException {
        storage.saveEntries(sequence, updates);
        model.saveEntries(sequence, updates);
    }

    @Override
    public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
        storage.saveSnapshot(sequence, update, snapshot);
        model.saveSnapshot(sequence, update, snapshot);
    }

    @Override
    public void releaseLock(String group, long index) throws IOException {
        storage.releaseLock(group, index);
        model.releaseLock(group, index);
    }

    @Override
    public void drop(long sequence, String group) throws IOException {
        storage.drop(sequence, group);
        model.drop(sequence, group);
    }

    /** Saves to this group and releases until the files that were there have been given back, as far as they may be. */
    void keepBusy(String group) throws IOException {
        for (int i = 0; i < 60; i++) {
            append(group, 3, 1, 15_000);
            if (i % 10 == 9) {
                long last = model.state(group).lastIndex();
                snapshot(group, last, 1);
                releaseLock(group, last);
            }
        }
    }

    /** Closes and opens again, and compares everything. A volatile backend stays open: only what can be read is compared. */
    @Override
    public void reopen() throws IOException {
        if (plug.isVolatile()) {
            checkReads();
            return;
        }
        storage.reopen();
        Difference difference = model.picture().differenceTo(storage.picture());
        if (difference != null) {
            throw new Mismatch("after close and reopen, " + difference.text(), difference);
        }
    }

    /**
     * Goes on as after SIGKILL and compares everything; releases may have come undone.
     *
     * @param provenSequence what the mark proves, at most the last sequence
     */
    void crash(long provenSequence) throws IOException {
        plug.require(Claim.PROCESS_CRASH);
        storage.crash(provenSequence);
        Difference difference = Oracle.crashDifference(model, storage.picture());
        if (difference != null) {
            throw new Mismatch(
                    "after the death of the process (sequence " + storage.sequence() + ", proven " + provenSequence
                            + "), " + difference.text(),
                    difference);
        }
        storage.loaded().groups().forEach((group, state) -> model.undoRelease(group, state.firstIndex()));
    }

    /** As {@link #crash(long)}, with a mark that proves nothing: it may be a second behind. */
    void crash() throws IOException {
        crash(0);
    }

    /** Saves one group. */
    void save(Update update) throws IOException {
        saveEntries(nextSequence(), List.of(update));
    }

    /** Saves several groups in one change. */
    void saveAll(Update... updates) throws IOException {
        saveEntries(nextSequence(), Arrays.asList(updates));
    }

    /** Appends entries of one term at the end of the log; on an empty log where the model says. */
    void append(String group, int count, long term, int payloadBytes) throws IOException {
        save(entries(group, count, term, payloadBytes));
    }

    /** Replaces the entry at this index and all above it. */
    void overwrite(String group, long truncateFrom, int count, long term, int payloadBytes) throws IOException {
        List<Entry> entries = Payloads.run(group, truncateFrom, count, term, payloadBytes, nextSequence());
        save(new Update(group, truncateFrom, entries, null, null));
    }

    void truncate(String group, long truncateFrom) throws IOException {
        save(new Update(group, truncateFrom, List.of(), null, null));
    }

    void state(String group, long currentTerm, @Nullable String votedFor, long commitIndex) throws IOException {
        save(new Update(group, null, List.of(), new HardState(currentTerm, votedFor, commitIndex), null));
    }

    void attach(String group, byte[] attachment) throws IOException {
        save(new Update(group, null, List.of(), null, ByteBuffer.wrap(attachment)));
    }

    /** Saves a snapshot inside the log, which keeps what follows it. */
    void snapshot(String group, long index, long term) throws IOException {
        saveSnapshot(
                nextSequence(),
                new Update(group, null, List.of(), null, null),
                new SnapshotPointer(index, term, true, nextSequence()));
    }

    void drop(String group) throws IOException {
        drop(nextSequence(), group);
    }

    /** Update that adds entries of one term to a log that ends right before them. */
    static Update updateOf(String group, long first, int count, long term, int payloadBytes) {
        return new Update(group, null, Payloads.run(group, first, count, term, payloadBytes, 0), null, null);
    }

    /** Update that appends entries of one term at the end of the log. */
    Update entries(String group, int count, long term, int payloadBytes) {
        long first = model.state(group).lastIndex() + 1;
        return new Update(
                group, null, Payloads.run(group, first, count, term, payloadBytes, nextSequence()), null, null);
    }

    /** Reads the whole log of every group and compares it. */
    void checkReads() throws IOException {
        for (String group : model.groups()) {
            GroupState state = model.state(group);
            checkRead(group, state.firstIndex(), state.lastIndex());
        }
    }

    /** Reads these entries and compares them with those that the model holds there. */
    void checkRead(String group, long first, long last) throws IOException {
        Check.sameEntries(
                expected(group, first, last),
                storage.read(group, first, last),
                "group '" + group + "', read of " + first + ".." + last);
    }

    /** Reads entries that the log no longer holds: none may be visited. */
    void checkGone(String group, long first, long last) throws IOException {
        List<Entry> visited = new ArrayList<>();
        try {
            visited.addAll(storage.read(group, first, last));
        } catch (StorageException.Compacted gone) {
            heard.accept(gone);
            return;
        }
        Check.sameEntries(
                List.of(), visited, "group '" + group + "', read of " + first + ".." + last + ", all deleted");
    }

    List<Entry> expected(String group, long first, long last) {
        List<Entry> entries = new ArrayList<>();
        for (long index = first; index <= last; index++) {
            Entry entry = model.entry(group, index);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    Model model() {
        return model;
    }

    BareStorage storage() {
        return storage;
    }

    Picture picture() throws IOException {
        return storage.picture();
    }

    long nextSequence() {
        return model.sequence() + 1;
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }
}
