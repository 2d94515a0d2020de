// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.Loaded;
import dev.mooring.spi.Options;
import dev.mooring.spi.Repair;
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
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/** Opens and fills bare backends. */
final class Stores {

    /** Buffers so small that entries reach sorted files. */
    static final Map<String, String> SMALL = Map.of("write-buffer-bytes", "64KiB");

    private Stores() {}

    /** Opens and loads a directory that ended cleanly and of which nothing is proven. */
    static StorageBackend open(Path directory) throws IOException {
        return open(directory, Map.of(), 0, true);
    }

    static StorageBackend open(Path directory, Map<String, String> options, long proven, boolean endedCleanly)
            throws IOException {
        Files.createDirectories(directory);
        StorageBackend backend = unloaded(directory, options, proven, endedCleanly, repair -> {});
        try {
            backend.load();
        } catch (IOException | RuntimeException e) {
            backend.close();
            throw e;
        }
        return backend;
    }

    static StorageBackend unloaded(
            Path directory, Map<String, String> options, long proven, boolean endedCleanly, Consumer<Repair> repairs)
            throws IOException {
        RocksDbStorageProvider provider = new RocksDbStorageProvider();
        Options read = Options.of("rocksdb", provider.options(), options);
        return provider.open(new BackendContext(directory, read, new UUID(17, 4), proven, endedCleanly, repairs));
    }

    /** What is loaded after an end that was not clean. */
    static Loaded recovered(Path directory, long proven, Consumer<Repair> repairs) throws IOException {
        try (StorageBackend backend = unloaded(directory, Map.of(), proven, false, repairs)) {
            return backend.load();
        }
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

    /** Indexes that a read of this range visits; fails on a wrong byte. */
    static List<Long> read(StorageBackend backend, String group, long first, long last) throws IOException {
        List<Long> visited = new ArrayList<>();
        backend.read(group, first, last, entry -> {
            if (entry.checksum() != Entry.checksum(group, entry.index(), entry.term(), entry.payload())) {
                throw new AssertionError("entry " + entry.index() + " has wrong bytes");
            }
            return visited.add(entry.index());
        });
        return visited;
    }

    /** What a kill would leave behind now. */
    static Path copy(Path directory, Path target) throws IOException {
        Files.createDirectories(target);
        for (Path file : files(directory, "")) {
            Files.copy(file, target.resolve(file.getFileName()));
        }
        return target;
    }

    /** Files with names that end like this, in order. */
    static List<Path> files(Path directory, String suffix) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    /** Length and last change of all files but RocksDB's messages and lock. */
    static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        for (Path file : files(directory, "")) {
            String name = file.getFileName().toString();
            if (!name.startsWith("LO")) {
                contents.put(name, Files.size(file) + " bytes of " + Files.getLastModifiedTime(file));
            }
        }
        return contents;
    }

    /** Files that are deleted meanwhile do not count. */
    static long bytes(Path directory, String suffix) throws IOException {
        long bytes = 0;
        for (Path file : files(directory, suffix)) {
            bytes += file.toFile().length();
        }
        return bytes;
    }
}
