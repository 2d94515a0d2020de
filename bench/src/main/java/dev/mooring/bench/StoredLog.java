// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.TermAndVote;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A log that is closed, and how long it takes to open and to read. */
final class StoredLog {

    private static final int SAVED_AT_ONCE = 100;
    private static final String GROUP = "group";

    private final Place place;
    private final String backend;
    private final Path directory;
    private final long payloadBytes;
    private final List<Took> opening = new ArrayList<>();
    private final List<Took> reading = new ArrayList<>();

    private StoredLog(Place place, String backend, Path directory, long payloadBytes) {
        this.place = place;
        this.backend = backend;
        this.directory = directory;
        this.payloadBytes = payloadBytes;
    }

    /** Saves entries of this size, and closes the storage. */
    static StoredLog fill(Place place, String backend, int entries, int payloadBytes) throws IOException {
        Path directory = place.directory().resolve(backend + "-log");
        try (RaftStorage storage = place.open(backend, directory)) {
            RaftGroup group = storage.group(GROUP);
            group.saveEntries(new TermAndVote(1, null), List.of());
            for (int saved = 0; saved < entries; saved += SAVED_AT_ONCE) {
                List<LogEntry> batch = new ArrayList<>();
                for (int i = saved; i < Math.min(saved + SAVED_AT_ONCE, entries); i++) {
                    batch.add(LogEntry.of(i, 1, new byte[payloadBytes]));
                }
                group.saveEntries(null, batch);
            }
        }
        return new StoredLog(place, backend, directory, (long) entries * payloadBytes);
    }

    /** @param counts whether it is a round that counts */
    void openAndRead(boolean counts) throws IOException {
        RaftStorage[] opened = new RaftStorage[1];
        Took open = Took.by(() -> opened[0] = place.open(backend, directory));
        try (RaftStorage storage = opened[0]) {
            Took read = Took.by(() -> read(storage.group(GROUP)));
            if (counts) {
                opening.add(open);
                reading.add(read);
            }
        }
    }

    private void read(RaftGroup group) throws IOException {
        long[] bytes = new long[1];
        group.read(group.firstIndex(), group.lastIndex(), Long.MAX_VALUE, entry -> {
            bytes[0] += entry.payloadBytes();
            return true;
        });
        if (bytes[0] != payloadBytes) {
            throw new IOException(backend + ": read " + bytes[0] + " bytes, saved " + payloadBytes);
        }
    }

    String backend() {
        return backend;
    }

    double openingSeconds() {
        return Took.medianSeconds(opening);
    }

    double readingSeconds() {
        return Took.medianSeconds(reading);
    }

    long lengthBytes() throws IOException {
        return Place.bytes(directory);
    }
}
