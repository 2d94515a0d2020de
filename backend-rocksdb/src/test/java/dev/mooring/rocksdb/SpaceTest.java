// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.GroupState;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What releases, truncations and drops leave behind. */
class SpaceTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path directory;

    private long sequence;

    @Test
    void diskUseStaysBoundedWhenAsMuchIsReleasedAsSaved() throws IOException { // REL-3
        long most = 0;
        try (StorageBackend backend = open()) {
            for (long index = 0; index < 20_000; index += 10) { // 40 MB, at most 1 MB of them live
                save(backend, Stores.run("g", index, 10, 2_000));
                if (index % 100 == 90 && index > 500) {
                    backend.releaseLock("g", index - 400);
                }
                most = Math.max(most, Stores.bytes(directory, ""));
            }
        }
        assertThat(most).isLessThan(12 * MIB);
        assertThat(Stores.bytes(directory, ".sst")).isLessThan(4 * MIB);
    }

    @Test
    void aLargeReleaseAndADropGiveTheirSpaceBackAtOnce() throws IOException { // REL-3, GROUP-3
        try (StorageBackend backend = open()) {
            fill(backend, "g");
            assertThat(Stores.bytes(directory, ".sst")).isGreaterThan(9 * MIB);
            backend.releaseLock("g", 9_950);
            save(backend, Stores.vote("g", 1, "n1"));
            awaitLessThan(4 * MIB); // the youngest files wait for compaction
            fill(backend, "h");
            assertThat(Stores.bytes(directory, ".sst")).isGreaterThan(9 * MIB);
            backend.drop(++sequence, "h");
            awaitLessThan(4 * MIB);
        }
    }

    /** RocksDB may still look at files that it has dropped; nothing else is written that could make it compact. */
    private void awaitLessThan(long bytes) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        assertThat(IntStream.iterate(0, i -> System.nanoTime() < deadline, i -> i + 1)
                        .anyMatch(i -> bytesWithPause() < bytes))
                .as("files still have " + bytesWithPause() + " bytes")
                .isTrue();
    }

    private long bytesWithPause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        try {
            return Stores.bytes(directory, ".sst");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** 10 MB, one group at a time: files that do not overlap are never rewritten beside this. */
    private void fill(StorageBackend backend, String group) throws IOException {
        for (int i = 0; i < 200; i++) {
            save(backend, Stores.run(group, 50L * i, 50, 1_000));
        }
    }

    @Test
    void releasesTruncationsAndDropsAreRangesAndNotPointByPoint() throws IOException { // REL-3
        try (StorageBackend backend = Stores.open(directory)) {
            for (int i = 0; i < 100; i++) {
                save(backend, Stores.run("g", 300L * i, 300, 8));
            }
            long before = Stores.bytes(directory, ".log");
            backend.releaseLock("g", 9_999);
            save(backend, new Update("g", 20_000L, List.of(), null, null));
            backend.drop(++sequence, "g");
            assertThat(Stores.bytes(directory, ".log") - before).isBetween(100L, 1_000L);
        }
    }

    @Test
    void aReleaseIsKeptByACloseAndDoesNotComeAloneToTheLog() throws IOException { // REL-5
        try (StorageBackend backend = Stores.open(directory)) {
            save(backend, Stores.run("g", 0, 1000, 20));
            long before = Stores.bytes(directory, ".log");
            backend.releaseLock("g", 800);
            assertThat(Stores.bytes(directory, ".log")).isEqualTo(before);
            assertThat(Stores.read(backend, "g", 800, 900)).isEmpty();
            assertThat(Stores.read(backend, "g", 801, 810)).hasSize(10);
        }
        GroupState state = reloaded();
        assertThat(state.firstIndex()).isEqualTo(801);
        assertThat(state.lastIndex()).isEqualTo(999);
    }

    @Test
    void noFileIsDroppedBeforeTheReleaseIsDurable() throws Exception { // REL-5
        Child.End end = new Child().run(getClass(), "releasesAndIsKilled", directory);
        assertThat(end.status()).as(end.output()).isZero();
        try (StorageBackend recovered = Stores.open(directory, Stores.SMALL, 200, false)) {
            assertThat(Stores.read(recovered, "g", 0, 2_000)).hasSize(2_000);
        }
    }

    static void releasesAndIsKilled(Path data) throws IOException {
        StorageBackend backend = Stores.open(data, Stores.SMALL, 0, true);
        for (int i = 0; i < 200; i++) {
            backend.saveEntries(i + 1, List.of(Stores.run("g", 10L * i, 10, 2_000)));
        }
        backend.releaseLock("g", 1_899);
        Runtime.getRuntime().halt(0);
    }

    @Test
    void anEmptiedLogMayGoOnBelowWhatItHadReleased() throws IOException { // LOG-5
        try (StorageBackend backend = Stores.open(directory)) {
            save(backend, Stores.run("g", 0, 500, 20));
            backend.releaseLock("g", 399);
            save(backend, new Update("g", 400L, List.of(), null, null));
            save(backend, Stores.run("g", 100, 10, 30));
            backend.releaseLock("g", 104);
            save(backend, Stores.vote("h", 1, null));
            assertThat(Stores.read(backend, "g", 100, 600)).isEmpty();
            assertThat(Stores.read(backend, "g", 105, 600)).hasSize(5);
        }
        assertThat(reloaded().firstIndex()).isEqualTo(105);
    }

    private StorageBackend open() throws IOException {
        return Stores.open(directory, Stores.SMALL, 0, true);
    }

    private void save(StorageBackend backend, Update update) throws IOException {
        backend.saveEntries(++sequence, List.of(update));
    }

    private GroupState reloaded() throws IOException {
        try (StorageBackend backend = Stores.unloaded(directory, Map.of(), 0, true, repair -> {})) {
            GroupState state = backend.load().groups().get("g");
            return Objects.requireNonNull(state);
        }
    }
}
