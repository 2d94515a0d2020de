// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.ClientInvocationId;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.statemachine.StateMachine;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries of which the state machine keeps a part: the log must never say that it has what the state machine has not. */
class StateMachineDataTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ClientId CLIENT = ClientId.randomId();

    @TempDir
    Path root;

    private IdleServer server;
    private Keeping keeping;

    @BeforeEach
    void newServer() throws IOException {
        server = new IdleServer(root);
        keeping = new Keeping(new ConcurrentHashMap<>());
        server.servers.newStateMachine = groupId -> keeping = keeping.used ? new Keeping(keeping.kept) : keeping.use();
    }

    @AfterEach
    void closeServer() throws IOException {
        server.close();
    }

    @Test
    void anEntryAndWhatFollowsItWaitForItsData() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);

        CompletableFuture<Long> withData = log.appendEntry(withData(1, 0));
        CompletableFuture<Long> plain = log.appendEntry(IdleServer.entry(1, 1));
        server.term(2); // makes durable whatever storage has been given

        assertThat(log.getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(1, 1));
        assertThat(log.get(1)).isEqualTo(IdleServer.entry(1, 1));
        assertThat(log.getFlushIndex()).isEqualTo(-1);
        assertThat(List.of(withData, plain)).noneMatch(CompletableFuture::isDone);

        keeping.written(0).complete(null);

        assertThat(withData.join()).isZero();
        assertThat(plain.join()).isEqualTo(1);
        assertThat(log.getFlushIndex()).isEqualTo(1);
        assertThat(keeping.calls).containsExactly("write 0", "flush 1");
    }

    /** A flush is a sync, of which one is enough. */
    @Test
    void aRequestWhoseDataIsWrittenAtOnceIsFlushedAtOnce() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        for (long index = 0; index < 3; index++) {
            keeping.written(index).complete(null);
        }

        server.append(List.of(withData(1, 0), withData(1, 1), withData(1, 2)));

        assertThat(log.getFlushIndex()).isEqualTo(2);
        assertThat(keeping.calls).containsExactly("write 0", "write 1", "write 2", "flush 2");
    }

    @Test
    void theDataIsFlushedBeforeTheEntryIsSaved() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        CompletableFuture<Void> flushed = new CompletableFuture<>();
        keeping.flush = flushed;

        CompletableFuture<Long> append = log.appendEntry(withData(1, 0));
        keeping.written(0).complete(null);
        server.term(2);

        assertThat(append).isNotDone();
        assertThat(log.getFlushIndex()).isEqualTo(-1);
        flushed.complete(null);
        assertThat(append.join()).isZero();
    }

    @Test
    void theLogKeepsTheRestAndTheStateMachineIsAskedForItsPart() throws Exception {
        server.servers.properties = set -> Log.setSegmentCacheSizeMax(set, SizeInBytes.valueOf("1"));
        server.open();
        server.term(1);
        keeping.written(0).complete(null);
        LogEntryProto whole = withData(1, 0);
        server.append(List.of(whole));

        MooringRaftLog log = server.reopen();

        assertThat(LogProtoUtils.isStateMachineDataEmpty(log.get(0))).isTrue();
        assertThat(log.getEntryWithData(0).getEntry(TimeDuration.valueOf(10, TimeUnit.SECONDS)))
                .isEqualTo(whole);
    }

    @Test
    void whatWaitsCanBeTruncatedAndCompletesNormally() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(IdleServer.entries(1, 0, 1));
        CompletableFuture<Long> two = log.appendEntry(withData(1, 2));
        CompletableFuture<Long> three = log.appendEntry(IdleServer.entry(1, 3));

        log.truncate(2).join();
        server.term(2);
        server.append(IdleServer.entries(2, 2, 2));
        keeping.written(2).complete(null);

        assertThat(two.join()).isEqualTo(2);
        assertThat(three.join()).isEqualTo(3);
        assertThat(keeping.calls).contains("truncate 2");
        server.reopen();
        assertThat(server.contents())
                .containsExactly(IdleServer.entry(1, 0), IdleServer.entry(1, 1), IdleServer.entry(2, 2));
    }

    @Test
    void whatWaitsIsCoveredByAnInstalledSnapshot() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(IdleServer.entries(1, 0, 1));
        CompletableFuture<Long> two = log.appendEntry(withData(1, 2));
        CompletableFuture<Long> three = log.appendEntry(IdleServer.entry(1, 3));

        server.install(1, 2);
        keeping.written(2).complete(null);

        assertThat(two.join()).isEqualTo(2);
        assertThat(three.join()).isEqualTo(3);
        await().until(() -> log.getFlushIndex() == 3);
        assertThat(log.getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(1, 3));
        server.reopen();
        assertThat(server.contents()).containsExactly(IdleServer.entry(1, 3));
    }

    @Test
    void whatWaitedMayBeMoreThanOneSaveTakes() throws Exception {
        server.servers.properties = set -> Log.Appender.setBufferByteLimit(set, SizeInBytes.valueOf("64KB"));
        server.servers.settings =
                config -> config.with("mooring.max-payload-bytes", "65536").with("mooring.max-update-bytes", "65536");
        MooringRaftLog log = server.open();
        server.term(1);
        CompletableFuture<Long> withData = log.appendEntry(withData(1, 0));
        List<LogEntryProto> behind = new ArrayList<>();
        List<CompletableFuture<Long>> appends = new ArrayList<>();
        for (long index = 1; index <= 20; index++) {
            LogEntryProto entry = IdleServer.entry(1, index, "k" + index + "=" + "v".repeat(20_000));
            behind.add(entry);
            appends.add(log.appendEntry(entry));
        }

        keeping.written(0).complete(null);

        assertThat(withData).succeedsWithin(PATIENCE).isEqualTo(0L);
        assertThat(appends.get(19)).succeedsWithin(PATIENCE).isEqualTo(20L);
        assertThat(appends).allMatch(CompletableFuture::isDone);
        server.reopen();
        assertThat(server.contents()).hasSize(21).endsWith(behind.toArray(new LogEntryProto[0]));
    }

    @Test
    void theStateMachineMayAnswerWhileASnapshotIsInstalled() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(IdleServer.entries(1, 0, 1));
        CompletableFuture<Long> three =
                log.append(List.of(withData(1, 2), IdleServer.entry(1, 3))).get(1);
        CompletableFuture<Long> four = log.appendEntry(withData(1, 4));
        CompletableFuture<Void> answered =
                three.thenRun(() -> keeping.written(4).complete(null));

        server.install(1, 3); // above all that storage was given

        assertThat(answered).succeedsWithin(PATIENCE);
        assertThat(four).succeedsWithin(PATIENCE);
        assertThat(server.division().getInfo().getLifeCycleState()).isEqualTo(LifeCycle.State.RUNNING);
        server.reopen();
        assertThat(server.contents()).extracting(LogEntryProto::getIndex).containsExactly(4L);
    }

    @Test
    void nothingWaitsForDataThatAnInstalledSnapshotCovers() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(IdleServer.entries(1, 0, 1));
        CompletableFuture<Long> two = log.appendEntry(withData(1, 2));
        CompletableFuture<Long> three = log.appendEntry(IdleServer.entry(1, 3));

        server.install(1, 2); // the state machine forgets what it was writing, and never answers

        assertThat(three).succeedsWithin(PATIENCE);
        assertThat(two).succeedsWithin(PATIENCE);
        assertThat(log.getFlushIndex()).isEqualTo(3);
    }

    /** As above, where it comes in one request with an entry that stays. */
    @Test
    void aWriteThatATruncationEndsIsNoFailureOfTheEntryBeforeIt() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        keeping.truncationEndsWrites = true;
        List<CompletableFuture<Long>> request = log.append(List.of(withData(1, 0), withData(1, 1)));

        log.truncate(1).join();
        keeping.written(0).complete(null);

        assertThat(request).allSatisfy(append -> assertThat(append).succeedsWithin(PATIENCE));
        assertThat(log.getFlushIndex()).isEqualTo(0);
        server.append(IdleServer.entries(1, 1, 1));
        assertThat(keeping.logFailure).isNull();
        assertThat(server.division().getInfo().getLifeCycleState()).isEqualTo(LifeCycle.State.RUNNING);
    }

    /** Ratis chains a follower's appends: one that is never answered holds back all others. */
    @Test
    void aRequestThatAnInstalledSnapshotCoversInPartIsAnswered() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(IdleServer.entries(1, 0, 1));
        List<CompletableFuture<Long>> request = new ArrayList<>();
        request.addAll(log.append(List.of(withData(1, 2), IdleServer.entry(1, 3))));

        server.install(1, 2); // the state machine forgets what it was writing, and never answers
        request.addAll(log.append(IdleServer.entries(1, 4, 4)));

        assertThat(request).allSatisfy(append -> assertThat(append).succeedsWithin(PATIENCE));
        assertThat(log.getFlushIndex()).isEqualTo(4);
        assertThat(server.contents()).isEqualTo(IdleServer.entries(1, 3, 4));
    }

    @Test
    void dataThatCanNotBeWrittenClosesTheDivision() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        CompletableFuture<Long> append = log.appendEntry(withData(1, 0));

        keeping.written(0).completeExceptionally(new IOException("the state machine's disk is full"));

        assertThat(append).failsWithin(Duration.ofSeconds(60));
        await().until(() -> server.division().getInfo().getLifeCycleState() == LifeCycle.State.CLOSED);
        assertThat(keeping.logFailure).hasMessage("the state machine's disk is full");
        server.servers.stopAll();
        server.open();
        assertThat(server.contents()).isEmpty();
    }

    /** Raft §5.3: a leader that sends the entry again must not be told that it is here. */
    @Test
    void anEntryWhoseDataCouldNotBeWrittenIsNotPresentWhenItIsSentAgain() throws Exception {
        for (boolean sync : new boolean[] {true, false}) {
            server.servers.properties = set -> Log.StateMachineData.setSync(set, sync);
            MooringRaftLog log = server.open();
            server.term(1);
            List<LogEntryProto> request = List.of(withData(1, 0));
            CompletableFuture<Long> append = log.append(request).get(0);
            CountDownLatch closes = new CountDownLatch(1); // till then the log answers
            keeping.closes = closes;
            try {
                keeping.written(0).completeExceptionally(new IOException("the state machine's disk is full"));
                assertThat(append).failsWithin(PATIENCE).withThrowableOfType(ExecutionException.class);

                assertThat(log.append(request))
                        .isNotEmpty()
                        .allSatisfy(again ->
                                assertThat(again).failsWithin(PATIENCE).withThrowableOfType(ExecutionException.class));
            } finally {
                closes.countDown();
            }
            await().until(() -> server.division().getInfo().getLifeCycleState() == LifeCycle.State.CLOSED);
            server.close();
            server = new IdleServer(root.resolve("after-" + sync));
            keeping = new Keeping(new ConcurrentHashMap<>());
            server.servers.newStateMachine =
                    groupId -> keeping = keeping.used ? new Keeping(keeping.kept) : keeping.use();
        }
    }

    /** FAULT-2: the log does not wait for the data, but neither does it go on without it. */
    @Test
    void withoutSyncDataThatCanNotBeWrittenClosesTheDivisionToo() throws Exception {
        server.servers.properties = set -> Log.StateMachineData.setSync(set, false);
        MooringRaftLog log = server.open();
        server.term(1);
        CompletableFuture<Long> append = log.appendEntry(withData(1, 0));
        await().until(() -> log.getFlushIndex() == 0);

        keeping.written(0).completeExceptionally(new IOException("the state machine's disk is full"));

        assertThat(append).failsWithin(PATIENCE).withThrowableOfType(ExecutionException.class);
        await().until(() -> server.division().getInfo().getLifeCycleState() == LifeCycle.State.CLOSED);
        assertThat(keeping.logFailure).hasMessage("the state machine's disk is full");
    }

    @Test
    void withoutSyncTheDataOfAnEntryThatWasTruncatedMayFail() throws Exception {
        server.servers.properties = set -> Log.StateMachineData.setSync(set, false);
        MooringRaftLog log = server.open();
        server.term(1);
        CompletableFuture<Long> append = log.appendEntry(withData(1, 0));
        log.truncate(0).join();

        keeping.written(0).completeExceptionally(new IOException("there is no such entry"));

        assertThat(append).succeedsWithin(PATIENCE).isEqualTo(0L);
        server.append(IdleServer.entries(1, 0, 0));
        assertThat(server.division().getInfo().getLifeCycleState()).isEqualTo(LifeCycle.State.RUNNING);
    }

    /** A state machine may end what it was writing of entries that are truncated. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void writesThatATruncationEndsAreNoFailure(boolean sync) throws Exception {
        server.servers.properties = set -> Log.StateMachineData.setSync(set, sync);
        MooringRaftLog log = server.open();
        server.term(1);
        keeping.truncationEndsWrites = true;
        for (long index = 0; index < 2; index++) {
            keeping.written(index).complete(null);
            server.append(List.of(withData(1, index)));
        }
        CompletableFuture<Long> truncated = log.appendEntry(withData(1, 2));
        log.truncate(2).join();
        assertThat(truncated).succeedsWithin(PATIENCE);

        CompletableFuture<Long> discarded = log.appendEntry(withData(1, 2));
        server.term(3);
        server.install(3, 1);

        assertThat(discarded).succeedsWithin(PATIENCE);
        server.append(IdleServer.entries(3, 2, 2));
        assertThat(server.division().getInfo().getLifeCycleState()).isEqualTo(LifeCycle.State.RUNNING);
    }

    @Test
    void dataThatCanNotBeTruncatedClosesTheDivision() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(IdleServer.entries(1, 0, 4));
        keeping.truncationFails = true;

        assertThat(log.truncate(2)).failsWithin(PATIENCE).withThrowableOfType(ExecutionException.class);

        await().until(() -> server.division().getInfo().getLifeCycleState() == LifeCycle.State.CLOSED);
    }

    /** SNAP-3: the log is discarded, and with it the data of what followed the snapshot. */
    @Test
    void theDataOfALogThatASnapshotDiscardsIsTruncated() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        for (long index = 0; index < 10; index++) {
            keeping.written(index).complete(null);
            server.append(List.of(withData(1, index)));
        }
        server.term(3);

        server.install(3, 4);

        assertThat(log.getLastEntryTermIndex()).isNull();
        assertThat(keeping.calls).contains("truncate 5");
    }

    @Test
    void patienceWithTheStateMachineEndsWhereItIsConfiguredTo() throws Exception {
        server.servers.properties = set -> {
            Log.StateMachineData.setSyncTimeout(set, TimeDuration.valueOf(50, TimeUnit.MILLISECONDS));
            Log.StateMachineData.setSyncTimeoutRetry(set, 1);
        };
        MooringRaftLog log = server.open();
        server.term(1);

        assertThat(log.appendEntry(withData(1, 0))).failsWithin(Duration.ofSeconds(60));
    }

    @Test
    void withoutSyncTheLogDoesNotWaitButTheAppendDoes() throws Exception {
        server.servers.properties = set -> Log.StateMachineData.setSync(set, false);
        MooringRaftLog log = server.open();
        server.term(1);

        CompletableFuture<Long> append = log.appendEntry(withData(1, 0));

        await().until(() -> log.getFlushIndex() == 0);
        assertThat(append).isNotDone();
        keeping.written(0).complete(null);
        assertThat(append.join()).isZero();
    }

    /** FAULT-2: Ratis chains a follower's appends, and after one that throws it refuses all others for ever. */
    @Test
    void anEntryWhoseDataIsRefusedIsNotInTheLogAndThoseBeforeItAre() throws Exception {
        assumeTrue(AppendChain.isUsed(new RaftProperties()), "this release of Ratis chains no appends: see below");
        MooringRaftLog log = server.open();
        server.term(1);
        keeping.refused = 2;
        CountDownLatch closes = new CountDownLatch(1); // till then the log answers
        keeping.closes = closes;
        List<LogEntryProto> request = List.of(IdleServer.entry(1, 0), IdleServer.entry(1, 1), withData(1, 2));
        try {
            assertThatThrownBy(() -> log.append(request)).hasMessage("refused");

            assertThat(log.getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(1, 1));
            await().until(() -> log.getFlushIndex() == 1);
        } finally {
            closes.countDown();
        }

        await().atMost(PATIENCE).until(() -> server.division().getInfo().getLifeCycleState() == LifeCycle.State.CLOSED);
        assertThat(keeping.logFailure).hasMessage("refused");
        server.servers.stopAll();
        server.open();
        server.append(List.of(IdleServer.entry(1, 2)));
        assertThat(server.contents()).isEqualTo(IdleServer.entries(1, 0, 2));
    }

    /** Where Ratis chains no requests, the leader tries again, and nothing has failed. */
    @Test
    void aRefusalIsTriedAgainWhereTheNextRequestDoesNotWaitForIt() throws Exception {
        server.servers.properties = set -> {
            if (AppendChain.isUsed(set)) { // else this release never does, and has no such setting
                Log.setAppendEntriesComposeEnabled(set, false);
            }
        };
        MooringRaftLog log = server.open();
        server.term(1);
        keeping.refused = 1;
        List<LogEntryProto> request = List.of(IdleServer.entry(1, 0), withData(1, 1));
        assertThatThrownBy(() -> log.append(request)).hasMessage("refused");
        keeping.refused = -1;
        keeping.written(1).complete(null);
        for (CompletableFuture<Long> appended : log.append(request)) {
            appended.get(10, TimeUnit.SECONDS);
        }
        assertThat(log.getFlushIndex()).isEqualTo(1);
        assertThat(server.division().getInfo().getLifeCycleState()).isEqualTo(LifeCycle.State.RUNNING);
        assertThat(keeping.logFailure).isNull();
    }

    /** FAULT-2: the state machine was told that the log failed. */
    @Test
    void noDataIsWrittenOnceTheLogHasFailed() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        CountDownLatch closes = new CountDownLatch(1);
        keeping.closes = closes;
        try {
            var unused = log.appendEntry(withData(1, 0));
            keeping.written(0).completeExceptionally(new IOException("the state machine's disk is full"));
            await().atMost(PATIENCE).until(() -> keeping.logFailure != null);

            assertThatThrownBy(() -> log.appendEntry(withData(1, 1))).hasMessageContaining("the log has failed");

            assertThat(keeping.calls).containsExactly("write 0");
        } finally {
            closes.countDown();
        }
    }

    @Test
    void aStreamIsLinkedBeforeItsEntryIsSaved() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        LogEntryProto entry = LogProtoUtils.toLogEntryProto(
                LogProtoUtils.toStateMachineLogEntryProto(
                        CLIENT, 7, StateMachineLogEntryProto.Type.DATASTREAM, ByteString.copyFromUtf8("file=7"), null),
                1,
                0);
        CompletableFuture<StateMachine.DataStream> opened = new CompletableFuture<>();
        ClientInvocationId invocation = ClientInvocationId.valueOf(entry.getStateMachineLogEntry());
        assertThat(server.division().getDataStreamMap().computeIfAbsent(invocation, id -> opened))
                .isSameAs(opened);

        CompletableFuture<Long> append = log.appendEntry(entry);
        opened.complete(null);
        assertThat(append).isNotDone(); // the stream is there, the link is not
        keeping.written(0).complete(null);

        assertThat(append.join()).isZero();
        assertThat(keeping.calls).containsExactly("link 0", "flush 0");
    }

    private static LogEntryProto withData(long term, long index) {
        return LogProtoUtils.toLogEntryProto(
                LogProtoUtils.toStateMachineLogEntryProto(
                        CLIENT,
                        index,
                        StateMachineLogEntryProto.Type.WRITE,
                        ByteString.copyFrom("file=" + index, StandardCharsets.UTF_8),
                        ByteString.copyFrom("data of " + term + "/" + index, StandardCharsets.UTF_8)),
                term,
                index);
    }

    /** Keeps the data in memory, and leaves it to the test when it is written. */
    private static final class Keeping extends CounterStateMachine {
        final List<String> calls = new CopyOnWriteArrayList<>();
        final Map<Long, CompletableFuture<Object>> writes = new ConcurrentHashMap<>();
        final Map<Long, ByteString> kept; // on a disk that survives
        boolean used;
        volatile CompletableFuture<Void> flush = CompletableFuture.completedFuture(null);
        volatile long refused = -1;
        volatile boolean truncationFails;
        volatile boolean truncationEndsWrites;

        Keeping(Map<Long, ByteString> kept) {
            this.kept = kept;
        }

        Keeping use() {
            used = true;
            return this;
        }

        CompletableFuture<Object> written(long index) {
            return writes.computeIfAbsent(index, i -> new CompletableFuture<>());
        }

        @Override
        public CompletableFuture<?> write(LogEntryProto entry, TransactionContext context) {
            if (entry.getIndex() == refused) {
                throw new IllegalStateException("refused");
            }
            calls.add("write " + entry.getIndex());
            kept.put(
                    entry.getIndex(),
                    entry.getStateMachineLogEntry().getStateMachineEntry().getStateMachineData());
            return written(entry.getIndex());
        }

        @Override
        public CompletableFuture<?> link(DataStream stream, LogEntryProto entry) {
            calls.add("link " + entry.getIndex());
            return written(entry.getIndex());
        }

        @Override
        public CompletableFuture<ByteString> read(LogEntryProto entry, TransactionContext context) {
            return CompletableFuture.completedFuture(kept.get(entry.getIndex()));
        }

        @Override
        public CompletableFuture<Void> flush(long index) {
            calls.add("flush " + index);
            return flush;
        }

        @Override
        public CompletableFuture<Void> truncate(long index) {
            if (truncationFails) {
                throw new IllegalStateException("can not be truncated");
            }
            calls.add("truncate " + index);
            if (truncationEndsWrites) {
                writes.forEach((at, write) -> {
                    if (at >= index) {
                        write.completeExceptionally(new IOException("truncated"));
                    }
                });
                writes.keySet().removeIf(at -> at >= index);
            }
            return CompletableFuture.completedFuture(null);
        }
    }
}
