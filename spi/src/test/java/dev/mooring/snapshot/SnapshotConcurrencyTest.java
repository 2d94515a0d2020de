// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Writers, readers and removers of the same and of other groups, all at once, interrupted or not: READ-3, SNAP-5. */
class SnapshotConcurrencyTest extends SnapshotTest {

    private static final int LENGTH = 2 * Blocks.BLOCK_BYTES + 11;

    private final AtomicLong ids = new AtomicLong();

    /** A snapshot whose bytes follow from its index. */
    private SnapshotPointer write(String group, long index) throws IOException {
        StagedSnapshot staged = snapshots.stage(group);
        fill(staged, "data", bytes(index, LENGTH));
        staged.write("other", 0, ByteBuffer.wrap(bytes(~index, 100)));
        return publish(staged, index, 1, ids.incrementAndGet());
    }

    private static void check(PublishedSnapshot snapshot) throws IOException {
        byte[] expected = bytes(snapshot.index(), LENGTH);
        assertThat(Arrays.equals(read(snapshot, "data"), expected)).isTrue();
        ByteBuffer piece = ByteBuffer.allocate(50_000);
        assertThat(snapshot.read("data", 40_000, piece)).isEqualTo(50_000);
        assertThat(piece.flip()).isEqualTo(ByteBuffer.wrap(expected, 40_000, 50_000));
        assertThat(read(snapshot, "other")).isEqualTo(bytes(~snapshot.index(), 100));
    }

    @Test
    void severalAreStagedAtOnceInOneGroup() throws IOException {
        List<StagedSnapshot> staged = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            staged.add(snapshots.stage("g"));
        }
        for (int part = 0; part < 3; part++) {
            for (int i = 0; i < 5; i++) {
                staged.get(i).write("data", part * 1000L, ByteBuffer.wrap(bytes(i + part, 1000)));
            }
        }
        staged.get(2).discard();
        for (int i : new int[] {4, 0, 3, 1}) {
            publish(staged.get(i), i, 1, i);
        }
        assertThat(snapshots.published("g"))
                .containsExactly(pointer(4, 1, 4), pointer(3, 1, 3), pointer(1, 1, 1), pointer(0, 1, 0));
        for (SnapshotPointer pointer : snapshots.published("g")) {
            try (PublishedSnapshot snapshot = snapshots.open("g", pointer)) {
                for (int part = 0; part < 3; part++) {
                    ByteBuffer piece = ByteBuffer.allocate(1000);
                    snapshot.read("data", part * 1000L, piece);
                    assertThat(piece.flip()).isEqualTo(ByteBuffer.wrap(bytes(pointer.index() + part, 1000)));
                }
            }
        }
    }

    @Test
    void manyThreadsReadOneSnapshot() throws Exception {
        SnapshotPointer pointer = write("g", 5);
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer)) {
            inParallel(4, thread -> {
                for (int i = 0; i < 50; i++) {
                    check(snapshot);
                }
            });
        }
    }

    @Test
    void writersReadersRemoversAndDropsDoNotDisturbEachOther() throws Exception {
        inParallel(4, thread -> {
            Random random = new Random(thread);
            for (int i = 0; i < 120; i++) {
                String group = random.nextInt(3) == 0 ? "own" + thread : "shared";
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> writeUnlessDropped(group, random.nextInt(1000));
                    case 3 -> snapshots.stage(group).discard();
                    case 4 -> {
                        if (random.nextInt(5) == 0) {
                            snapshots.drop(group).run();
                        }
                    }
                    case 5 -> {
                        List<SnapshotPointer> found = snapshots.published(group);
                        if (found.size() > 1) {
                            snapshots.remove(group, found.get(found.size() - 1));
                        }
                    }
                    default -> readNewest(group);
                }
            }
        });
        assertThat(undeleted).isEmpty();
        for (String group : snapshots.groups()) {
            for (SnapshotPointer pointer : snapshots.published(group)) {
                snapshots.verify(group, pointer);
            }
        }
        reopened().removeLeftovers(Map.of());
        assertThat(paths(root)).isEmpty();
    }

    private void writeUnlessDropped(String group, long index) throws IOException {
        StagedSnapshot staged = snapshots.stage(group);
        try {
            fill(staged, "data", bytes(index, LENGTH));
            staged.write("other", 0, ByteBuffer.wrap(bytes(~index, 100)));
            staged.seal(index, 1, ids.incrementAndGet());
            snapshots.publish(staged);
        } catch (NoSuchFileException | IllegalStateException e) {
            // dropped meanwhile
        } finally {
            staged.discard();
        }
    }

    private void readNewest(String group) throws IOException {
        List<SnapshotPointer> found = snapshots.published(group);
        if (found.isEmpty()) {
            return;
        }
        PublishedSnapshot snapshot;
        try {
            snapshot = snapshots.open(group, found.get(0));
        } catch (StorageException.Corrupted e) {
            assertThat(e).hasMessageContaining("is missing"); // removed meanwhile
            return;
        }
        try (snapshot) {
            check(snapshot);
        }
    }

    @Test
    void anInterruptBreaksNothingAndIsNotLost() throws Exception { // READ-3
        Thread.currentThread().interrupt();
        SnapshotPointer pointer = write("g", 1);
        assertThat(Thread.interrupted()).isTrue();
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer);
                InputStream begun = snapshot.open("data")) {
            Thread.currentThread().interrupt();
            check(snapshot);
            begun.readNBytes(10);
            snapshots.verify("g", pointer);
            assertThat(Thread.interrupted()).isTrue();
            begun.readAllBytes();
            check(snapshot);
            Thread.currentThread().interrupt();
            snapshots.remove("g", pointer);
            assertThat(Thread.interrupted()).isTrue();
            check(snapshot);
        }
        assertThat(paths(root)).containsOnly("g");
    }

    @Test
    void closingEndsEveryReaderOfIt() throws IOException {
        SnapshotPointer pointer = write("g", 1);
        PublishedSnapshot snapshot = snapshots.open("g", pointer);
        InputStream begun = snapshot.open("data");
        InputStream unread = snapshot.open("data");
        begun.read();
        snapshot.close();
        snapshot.close();
        for (InputStream stream : List.of(begun, unread)) {
            assertThatThrownBy(stream::read).isInstanceOf(IOException.class).hasMessageContaining("closed");
            stream.close();
        }
        assertThatThrownBy(() -> snapshot.open("data")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> snapshot.read("data", 0, ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class);
        snapshots.verify("g", pointer); // and of nothing else
    }

    private interface Work {
        void run(int thread) throws Exception;
    }

    private static void inParallel(int threads, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                tasks.add(() -> {
                    start.await();
                    work.run(thread);
                    return true;
                });
            }
            for (Future<Boolean> done : pool.invokeAll(tasks)) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
