// SPDX-License-Identifier: Apache-2.0
package dev.mooring.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All of a backend on one private thread, which no interrupt of a caller ever reaches. */
@Timeout(60)
final class ConfinedBackendTest {

    private static final Loaded LOADED = new Loaded(7, Map.of());
    private static final Update UPDATE = new Update("g", 3L, List.of(), new HardState(2, "n1", 1), null);
    private static final SnapshotPointer SNAPSHOT = new SnapshotPointer(5, 2, false, 9);
    private static final Entry ENTRY = new Entry(4, 2, 17, ByteBuffer.allocate(3));

    private enum Verb {
        LOAD("load"),
        SAVE_ENTRIES("saveEntries 8 " + List.of(UPDATE)),
        SAVE_SNAPSHOT("saveSnapshot 9 " + UPDATE + " " + SNAPSHOT),
        RELEASE_LOCK("releaseLock g 3"),
        READ("read g 4 6"),
        DROP("drop 10 g"),
        CLOSE("close");

        private final String recorded;

        Verb(String recorded) {
            this.recorded = recorded;
        }

        /** Answers what the caller is given: what was loaded or visited, else nothing. */
        @Nullable
        Object call(StorageBackend backend) throws IOException {
            List<Entry> visited = new ArrayList<>();
            switch (this) {
                case LOAD -> {
                    return backend.load();
                }
                case SAVE_ENTRIES -> backend.saveEntries(8, List.of(UPDATE));
                case SAVE_SNAPSHOT -> backend.saveSnapshot(9, UPDATE, SNAPSHOT);
                case RELEASE_LOCK -> backend.releaseLock("g", 3);
                case READ -> {
                    backend.read("g", 4, 6, visited::add);
                    return visited.get(0);
                }
                case DROP -> backend.drop(10, "g");
                case CLOSE -> backend.close();
            }
            return null;
        }

        @Nullable
        Object result() {
            return this == LOAD ? LOADED : this == READ ? ENTRY : null;
        }
    }

    /** Writes down what it is asked for, and on which thread. */
    private static final class Recording implements StorageBackend {

        private final List<String> calls = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();
        private final Semaphore arrivals = new Semaphore(0);
        private @Nullable Semaphore gate;
        private @Nullable Exception failure;
        private boolean interrupted;

        private void record(String call) throws IOException {
            calls.add(call);
            threads.add(Thread.currentThread());
            arrivals.release();
            if (gate != null) {
                try {
                    gate.acquire();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (failure instanceof IOException io) {
                throw io;
            }
            if (failure instanceof RuntimeException unchecked) {
                throw unchecked;
            }
        }

        @Override
        public Loaded load() throws IOException {
            record("load");
            return LOADED;
        }

        @Override
        public void saveEntries(long sequence, List<Update> updates) throws IOException {
            record("saveEntries " + sequence + " " + updates);
        }

        @Override
        public void saveSnapshot(long sequence, Update update, SnapshotPointer snapshot) throws IOException {
            record("saveSnapshot " + sequence + " " + update + " " + snapshot);
        }

        @Override
        public void releaseLock(String group, long index) throws IOException {
            record("releaseLock " + group + " " + index);
        }

        @Override
        public void read(String group, long first, long last, EntryVisitor visitor) throws IOException {
            record("read " + group + " " + first + " " + last);
            visitor.visit(ENTRY);
        }

        @Override
        public void drop(long sequence, String group) throws IOException {
            record("drop " + sequence + " " + group);
        }

        @Override
        public void close() throws IOException {
            record("close");
        }
    }

    private final Recording recording = new Recording();
    private StorageBackend backend;

    @BeforeEach
    void open() throws IOException {
        backend = ConfinedBackend.open("confined", () -> {
            recording.record("open");
            return recording;
        });
        recording.arrivals.drainPermits();
    }

    @Test
    void everythingRunsOnOnePrivateThread() throws Exception {
        for (Verb verb : Verb.values()) {
            FutureTask<@Nullable Object> call = new FutureTask<>(() -> verb.call(backend));
            new Thread(call, "caller").start(); // each on another
            assertThat(call.get()).isEqualTo(verb.result());
        }
        assertThat(recording.calls)
                .containsExactlyElementsOf(Stream.concat(
                                Stream.of("open"), Stream.of(Verb.values()).map(verb -> verb.recorded))
                        .toList());
        assertThat(recording.threads)
                .containsOnly(recording.threads.get(0))
                .first()
                .extracting(Thread::getName, Thread::isDaemon)
                .containsExactly("confined", true);
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptOfACallerThatWaitsDoesNotReachIt(Verb verb) throws Exception { // READ-3
        Semaphore gate = new Semaphore(0);
        recording.gate = gate;
        boolean[] flag = {false};
        FutureTask<@Nullable Object> call = new FutureTask<>(() -> {
            Object result = verb.call(backend);
            flag[0] = Thread.currentThread().isInterrupted();
            return result;
        });
        Thread caller = new Thread(call, "caller");
        caller.start();
        recording.arrivals.acquire();
        caller.interrupt();
        while (caller.isInterrupted()
                || caller.getState() != Thread.State.WAITING) { // until it has seen it and waits on
            assertThat(call.isDone()).isFalse();
        }
        gate.release();
        assertThat(call.get()).isEqualTo(verb.result());
        assertThat(flag[0]).isTrue();
        assertThat(recording.interrupted).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aCallerThatIsInterruptedBeforehandIsServedAllTheSame(Verb verb) throws IOException { // READ-3
        recording.gate = new Semaphore(1);
        Thread.currentThread().interrupt();
        assertThat(verb.call(backend)).isEqualTo(verb.result());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(recording.interrupted).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void whatItThrowsTheCallerGets(Verb verb) throws Exception {
        for (Exception failure : List.of(new StorageException.Corrupted("rot"), new IllegalStateException("a bug"))) {
            open();
            recording.failure = failure;
            assertThatThrownBy(() -> verb.call(backend)).isSameAs(failure);
            recording.failure = null;
            backend.close();
        }
    }

    @Test
    void whatAVisitorThrowsTheCallerGets() {
        IOException failure = new IOException("no more of it");
        assertThatThrownBy(() -> backend.read("g", 4, 6, entry -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @Test
    void afterCloseTheThreadIsGone() throws Exception {
        backend.close();
        assertThat(recording.threads.get(0).isAlive()).isFalse();
        backend.close(); // is closed already
        assertThat(recording.calls).containsExactly("open", "close");
        assertThatThrownBy(() -> backend.load()).isInstanceOf(StorageException.Failed.class);
    }

    @Test
    void afterACloseThatFailsTheThreadIsGoneToo() throws Exception {
        recording.failure = new IOException("disk on fire");
        assertThatThrownBy(() -> backend.close()).isSameAs(recording.failure);
        assertThat(recording.threads.get(0).isAlive()).isFalse();
    }

    @Test
    void afterAnOpeningThatFailsTheThreadIsGoneToo() throws Exception {
        IOException failure = new IOException("disk on fire");
        Thread[] opener = new Thread[1];
        assertThatThrownBy(() -> ConfinedBackend.open("confined", () -> {
                    opener[0] = Thread.currentThread();
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(opener[0].isAlive()).isFalse();
    }
}
