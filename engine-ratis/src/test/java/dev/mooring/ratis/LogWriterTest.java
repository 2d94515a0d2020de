// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The state machine answers on threads of its own, at any moment. */
class LogWriterTest {

    private static final int ROUNDS = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ExecutorService stateMachine = Executors.newSingleThreadExecutor();
    private final AtomicLong flushedTo = new AtomicLong(-1);
    private RaftStorage storage;
    private RaftGroup group;
    private LogWriter writer;

    @BeforeEach
    void open() throws Exception {
        SimulatedDisk disk = SimulatedDisk.create(3, DiskModel.JOURNALLED);
        storage = RaftStorage.open(StorageConfig.of(Map.of("mooring.backend", "files"))
                .withDirectory(disk.root().resolve("data")));
        group = storage.group("g");
        group.saveEntries(new TermAndVote(1, null), List.of());
        writer = writer(group);
    }

    private LogWriter writer(RaftGroup to) {
        return new LogWriter(to, Long.MAX_VALUE, write -> write, index -> {
            flushedTo.accumulateAndGet(index, Math::max);
            return CompletableFuture.completedFuture(null);
        });
    }

    @AfterEach
    void close() throws Exception {
        stateMachine.shutdown();
        assertThat(stateMachine.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        storage.close();
    }

    @Test
    void noTruncationKeepsDataFromBeingFlushedBeforeItsEntryIsSaved() throws Exception {
        Random random = new Random(5);
        for (int index = 0; index < ROUNDS; index++) {
            CompletableFuture<Void> written = new CompletableFuture<>();
            CompletableFuture<Boolean> kept = writer.save(List.of(IdleServer.entry(1, index)), written);
            CompletableFuture<Boolean> truncated = writer.save(List.of(IdleServer.entry(1, index + 1)), null);
            CountDownLatch begun = new CountDownLatch(1);
            Future<?> answer = stateMachine.submit(() -> {
                begun.countDown();
                written.complete(null);
            });
            int spins = random.nextInt(1_000);

            begun.await();
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            writer.truncateFrom(index + 1).get(60, TimeUnit.SECONDS);

            answer.get(60, TimeUnit.SECONDS);
            kept.get(60, TimeUnit.SECONDS);
            truncated.get(60, TimeUnit.SECONDS);
            assertThat(flushedTo).hasValueGreaterThanOrEqualTo(index);
        }
    }

    /** Raft §5.3: what is acknowledged is on the disk, and storage has never heard of this one. */
    @Test
    void anEntryWhoseDataCouldNotBeWrittenIsNeverDurable() {
        CompletableFuture<Void> written = new CompletableFuture<>();
        CompletableFuture<Boolean> saved = writer.save(List.of(IdleServer.entry(1, 0)), written);

        written.completeExceptionally(new IOException("the state machine's disk is full"));

        assertThat(saved).failsWithin(PATIENCE).withThrowableOfType(ExecutionException.class);
        assertThat(writer.durable(0)).failsWithin(PATIENCE).withThrowableOfType(ExecutionException.class);
    }

    @Test
    void anEntryThatWasNeverSavedIsNotDurable() throws Exception {
        writer.save(List.of(IdleServer.entry(1, 0)), null).get(60, TimeUnit.SECONDS);

        assertThat(writer.durable(0)).succeedsWithin(PATIENCE);
        assertThat(writer.durable(1))
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("entry 1 was never given to storage");
    }

    /** As in Ratis, where one thread writes entry by entry. */
    @Test
    void patienceWithAWriteBeginsToRunOutWhenItIsItsTurn() {
        List<CompletableFuture<?>> awaited = new CopyOnWriteArrayList<>();
        LogWriter patient = new LogWriter(
                group,
                Long.MAX_VALUE,
                write -> {
                    awaited.add(write);
                    return write.copy();
                },
                index -> CompletableFuture.completedFuture(null));
        CompletableFuture<Void> zero = new CompletableFuture<>();
        CompletableFuture<Void> one = new CompletableFuture<>();

        CompletableFuture<Boolean> first = patient.save(List.of(IdleServer.entry(1, 0)), zero);
        CompletableFuture<Boolean> second = patient.save(List.of(IdleServer.entry(1, 1)), one);
        assertThat(awaited).containsExactly(zero);
        zero.complete(null);
        assertThat(first).succeedsWithin(PATIENCE).isEqualTo(true);
        assertThat(awaited).containsExactly(zero, one);
        one.complete(null);

        assertThat(second).succeedsWithin(PATIENCE).isEqualTo(true);
    }

    @Test
    void aSaveOfWhichNothingIsLeftSaysSo() throws Exception {
        CompletableFuture<Boolean> saved = writer.save(List.of(IdleServer.entry(1, 0)), new CompletableFuture<>());

        writer.truncateFrom(0).get(60, TimeUnit.SECONDS);

        assertThat(saved).succeedsWithin(PATIENCE).isEqualTo(false);
    }

    @Test
    void anErrorWhileEntriesAreSavedFailsTheirSave() {
        LogWriter failing = writer(errorOnce());

        assertThat(failing.save(List.of(IdleServer.entry(1, 0)), null))
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class);
    }

    @Test
    void anErrorWhileEntriesAreSavedThatHaveWaitedFailsTheirSaveAndWhatFollows() {
        LogWriter failing = writer(errorOnce());
        CompletableFuture<Void> written = new CompletableFuture<>();
        CompletableFuture<Boolean> saved = failing.save(List.of(IdleServer.entry(1, 0)), written);

        written.complete(null);

        assertThat(saved).failsWithin(PATIENCE).withThrowableOfType(ExecutionException.class);
        assertThat(failing.save(List.of(IdleServer.entry(1, 1)), null))
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class);
    }

    @Test
    void anErrorOfTheStateMachineWhileItFlushesFailsTheSave() {
        LogWriter failing = new LogWriter(group, Long.MAX_VALUE, write -> write, index -> {
            throw new InternalError("while flushing to " + index);
        });

        assertThat(failing.save(List.of(IdleServer.entry(1, 0)), null))
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class);
    }

    /** The group, whose next save ends as one that finds no memory; of that itself the test's runner would die. */
    private RaftGroup errorOnce() {
        AtomicBoolean happened = new AtomicBoolean();
        return (RaftGroup) Proxy.newProxyInstance(
                RaftGroup.class.getClassLoader(), new Class<?>[] {RaftGroup.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("saveEntriesAsync") && happened.compareAndSet(false, true)) {
                        throw new InternalError("unable to create native thread");
                    }
                    try {
                        return method.invoke(group, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
