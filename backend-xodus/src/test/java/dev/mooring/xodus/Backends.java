// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** Opens and fills bare backends. */
final class Backends {

    static final UUID ID = new UUID(17, 4);

    private Backends() {}

    /** Opens and loads a directory that ended cleanly and of which nothing is proven; small files if it is new. */
    static StorageBackend open(Path directory) throws IOException {
        return open(directory, Map.of("file-bytes", "256KiB"), 0, true);
    }

    static StorageBackend open(Path directory, Map<String, String> options, long proven, boolean endedCleanly)
            throws IOException {
        Files.createDirectories(directory);
        XodusStorageProvider provider = new XodusStorageProvider();
        StorageBackend backend = provider.open(context(directory, options, proven, endedCleanly));
        try {
            backend.load();
        } catch (IOException | RuntimeException e) {
            backend.close();
            throw e;
        }
        return backend;
    }

    static BackendContext context(Path directory, Map<String, String> options, long proven, boolean endedCleanly)
            throws IOException {
        Options read = Options.of("xodus", new XodusStorageProvider().options(), options);
        return new BackendContext(directory, read, ID, proven, endedCleanly, repair -> {});
    }

    static Update run(String group, long first, int count, int payloadBytes) {
        List<Entry> entries = new ArrayList<>();
        for (long index = first; index < first + count; index++) {
            byte[] payload = new byte[payloadBytes];
            new Random(index).nextBytes(payload);
            entries.add(new Entry(
                    index, 1, Entry.checksum(group, index, 1, ByteBuffer.wrap(payload)), ByteBuffer.wrap(payload)));
        }
        return new Update(group, null, entries, null, null);
    }

    static Update entry(String group, long index, String text) {
        ByteBuffer payload = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        Entry entry = new Entry(index, 1, Entry.checksum(group, index, 1, payload), payload);
        return new Update(group, null, List.of(entry), null, null);
    }

    static Update vote(String group, long term, String votedFor) {
        return new Update(group, null, List.of(), new HardState(term, votedFor, -1), null);
    }

    static boolean intact(String group, Entry entry) {
        return entry.checksum() == Entry.checksum(group, entry.index(), entry.term(), entry.payload());
    }

    /** Indexes that a read of this range visits; fails on a wrong byte. */
    static List<Long> read(StorageBackend backend, String group, long first, long last) throws IOException {
        List<Long> visited = new ArrayList<>();
        backend.read(group, first, last, entry -> {
            if (!intact(group, entry)) {
                throw new AssertionError("entry " + entry.index() + " has wrong bytes");
            }
            return visited.add(entry.index());
        });
        return visited;
    }
}
