// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Segments are prepared beside the saves: a save that begins one writes and forces, and does nothing else to the disk. */
@Timeout(60)
class PreparedFilesTest {

    private static final int SAVED_BYTES = 1000;

    private final SimulatedDisk disk = SimulatedDisk.create(1, DiskModel.STRICT);
    private final Later later = new Later();
    private Subject subject;

    /** A background that does nothing until it is told to, and then on another thread than the one that saves. */
    private static final class Later implements Housekeeper.Background {
        private final Queue<Runnable> rounds = new ArrayDeque<>();

        @Override
        public synchronized void run(Runnable round) {
            rounds.add(round);
        }

        @Override
        public void awaitEnd() {}

        synchronized boolean isAsked() {
            return !rounds.isEmpty();
        }

        /** What it was given so far. */
        void work() throws InterruptedException {
            Thread thread = new Thread(() -> {
                for (Runnable round = next(); round != null; round = next()) {
                    round.run();
                }
            });
            thread.start();
            thread.join();
        }

        private synchronized Runnable next() {
            return rounds.poll();
        }
    }

    @BeforeEach
    void begin() throws Exception {
        subject = Subject.open(
                Files.createDirectory(disk.root().resolve("data")), Subject.Setting.SMALL.segments(16 << 10), later);
        save(); // there is no file before the first one
        long first = subject.activeSegment().ordinal;
        while (!later.isAsked() && subject.activeSegment().ordinal == first) {
            save();
        }
        later.work();
        assertThat(subject.activeSegment().ordinal).isEqualTo(first);
        assertThat(subject.backend.log().prepared).hasSize(1);
    }

    @AfterEach
    void end() throws Exception {
        later.work();
        subject.close();
    }

    /** Whatever holds the background up: saves go on for as long as there is a prepared file, and wait only then. */
    @Test
    void savesDoNotWaitForABackgroundThatIsHeldUp() throws Exception {
        Segment prepared = subject.backend.log().prepared.getFirst();
        while (subject.activeSegment() != prepared) {
            checkedSave();
        }
        while (prepared.end + SAVED_BYTES + 200 <= prepared.sizeBytes) {
            checkedSave();
        }
        assertThat(later.isAsked()).isTrue();
        int creations = disk.calls(Operation.CREATE);
        FutureTask<Void> waiting = new FutureTask<>(() -> {
            save();
            return null;
        });
        Thread saver = new Thread(waiting, "saver");
        saver.start();
        while (saver.getState() != Thread.State.WAITING) {
            assertThat(waiting.isDone()).isFalse();
            Thread.onSpinWait();
        }
        assertThat(subject.activeSegment()).isSameAs(prepared);
        assertThat(disk.calls(Operation.CREATE)).isEqualTo(creations); // the next file is not its business either
        later.work();
        waiting.get(30, TimeUnit.SECONDS);
        assertThat(disk.calls(Operation.CREATE)).isGreaterThan(creations);
        assertThat(subject.activeSegment()).isNotSameAs(prepared);
    }

    @Test
    void everySegmentIsAPreparedFile() throws Exception {
        long first = subject.activeSegment().ordinal;
        int creations = disk.calls(Operation.CREATE);
        for (int i = 0; i < 200; i++) {
            checkedSave();
            later.work();
        }
        assertThat(subject.activeSegment().ordinal - first).isGreaterThan(9);
        assertThat(disk.calls(Operation.CREATE) - creations).isGreaterThan(9); // by the background
        subject.checkReads();
    }

    private void save() throws IOException {
        subject.append("g", 1, SAVED_BYTES);
    }

    /** One write and one force for the save, and one of each for the segment that it begins, if it begins one. */
    private void checkedSave() throws IOException {
        Map<Operation, Integer> before = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            before.put(operation, disk.calls(operation));
        }
        Segment active = subject.activeSegment();
        save();
        int expected = subject.activeSegment() == active ? 1 : 2;
        for (Operation operation : Operation.values()) {
            int calls = disk.calls(operation) - before.get(operation);
            switch (operation) {
                case WRITE, FORCE -> assertThat(calls).as(operation.name()).isEqualTo(expected);
                case OPEN -> assertThat(calls).as(operation.name()).isLessThan(expected);
                default -> assertThat(calls).as(operation.name()).isZero();
            }
        }
    }
}
