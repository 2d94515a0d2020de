// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What the tests of the core share: one storage over a backend that a test can hold, and the words to fill a log. */
abstract class CoreTest {

    @TempDir
    Path directory;

    final KeptInMemory provider = new KeptInMemory();
    RaftStorage storage;

    @BeforeEach
    void open() throws IOException {
        storage = RaftStorage.open(config());
    }

    @AfterEach
    void close() throws IOException {
        if (provider.gate != null) {
            provider.gate.release(1_000_000);
        }
        storage.close();
    }

    StorageConfig config() {
        return StorageConfig.of(java.util.Map.of())
                .withDirectory(directory.resolve("storage"))
                .withProvider(provider);
    }

    void reopen() throws IOException {
        storage.close();
        storage = RaftStorage.open(config());
    }

    RaftGroup group() throws IOException {
        return storage.group("g");
    }

    static TermAndVote term(long currentTerm) {
        return new TermAndVote(currentTerm, null);
    }

    /** Entries first..last of one term; payloads differ by index and term. */
    static List<LogEntry> run(long first, long last, long term) {
        List<LogEntry> entries = new ArrayList<>();
        for (long index = first; index <= last; index++) {
            entries.add(LogEntry.of(index, term, payload(index, term)));
        }
        return entries;
    }

    static byte[] payload(long index, long term) {
        return ("entry " + index + " of term " + term).getBytes(StandardCharsets.UTF_8);
    }

    static List<LogEntry> readAll(RaftGroup group) throws IOException {
        List<LogEntry> found = new ArrayList<>();
        group.read(group.firstIndex(), group.lastIndex(), Long.MAX_VALUE, found::add);
        return found;
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
