// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static dev.mooring.ratis.IdleServer.entries;
import static dev.mooring.ratis.IdleServer.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.LogEntryHeader;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ratis expects of its log, and the bugs that its own log has had. */
class MooringRaftLogTest {

    @TempDir
    Path root;

    private IdleServer server;

    @BeforeEach
    void newServer() throws IOException {
        server = new IdleServer(root);
    }

    @AfterEach
    void closeServer() throws IOException {
        server.close();
    }

    @Test
    void aNewLogIsEmptyAndHasNoVote() throws Exception {
        MooringRaftLog log = server.open();

        assertThat(log.loadMetadata()).isEqualTo(RaftStorageMetadata.getDefault());
        assertThat(log.getLastEntryTermIndex()).isNull();
        assertThat(log.getStartIndex()).isEqualTo(-1);
        assertThat(log.getNextIndex()).isZero();
        assertThat(log.getFlushIndex()).isEqualTo(-1);
        assertThat(log.getLastCommittedIndex()).isEqualTo(-1);
    }

    /** STATE-4: it happens when a candidacy of the server's own and a vote for another candidate meet. */
    @Test
    void aSecondVoteInATermFailsTheCallAndNotTheDivision() throws Exception {
        server.open();
        server.log().persistMetadata(RaftStorageMetadata.valueOf(4, RaftPeerId.valueOf("n1")));

        assertThatThrownBy(() -> server.log().persistMetadata(RaftStorageMetadata.valueOf(4, RaftPeerId.valueOf("n2"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("STATE-4");
        assertThatThrownBy(() -> server.log().persistMetadata(RaftStorageMetadata.valueOf(3, null)))
                .isInstanceOf(IOException.class);

        server.append(entries(4, 0, 1));
        server.term(5);
        server.log().persistMetadata(RaftStorageMetadata.valueOf(5, RaftPeerId.valueOf("n2")));
        assertThat(server.reopen().loadMetadata()).isEqualTo(RaftStorageMetadata.valueOf(5, RaftPeerId.valueOf("n2")));
        assertThat(server.contents()).hasSize(2);
    }

    @Test
    void entriesTermAndVoteSurviveARestart() throws Exception {
        server.open();
        server.term(1);
        server.append(entries(1, 0, 9));
        server.term(3);
        server.append(entries(3, 10, 12));
        server.log().persistMetadata(RaftStorageMetadata.valueOf(4, RaftPeerId.valueOf("n2")));
        List<LogEntryProto> before = server.contents();

        MooringRaftLog log = server.reopen();

        assertThat(server.contents()).isEqualTo(before).hasSize(13);
        assertThat(log.getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(3, 12));
        assertThat(log.getTermIndex(9)).isEqualTo(TermIndex.valueOf(1, 9));
        assertThat(log.getTermIndex(13)).isNull();
        assertThat(log.getFlushIndex()).isEqualTo(12);
        assertThat(log.loadMetadata()).isEqualTo(RaftStorageMetadata.valueOf(4, RaftPeerId.valueOf("n2")));
    }

    @Test
    void aTermWithoutAVoteSurvivesAsSuch() throws Exception {
        server.open();
        server.term(7);

        assertThat(server.reopen().loadMetadata()).isEqualTo(RaftStorageMetadata.valueOf(7, null));
    }

    // RATIS-595: the future completed before the flush
    @Test
    void anAppendCompletesWithItsIndexAndNotBeforeItIsDurable() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        Semaphore save = server.provider().hold();

        CompletableFuture<Long> append = log.appendEntry(entry(1, 0));

        assertThat(log.getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(1, 0));
        assertThat(log.get(0)).isEqualTo(entry(1, 0));
        assertThat(log.getFlushIndex()).isEqualTo(-1);
        assertThat(append).isNotDone();
        save.release();
        assertThat(append.join()).isZero();
        assertThat(log.getFlushIndex()).isZero();
    }

    // RATIS-124: only the last of a batch was awaited
    @Test
    void aRequestThatRepeatsEntriesOnTheirWayToTheDiskWaitsForThem() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        Semaphore save = server.provider().hold();
        List<CompletableFuture<Long>> first = log.append(entries(1, 0, 4));

        List<CompletableFuture<Long>> again = log.append(entries(1, 0, 4));

        assertThat(again).isNotEmpty().noneMatch(CompletableFuture::isDone);
        save.release(10);
        first.forEach(CompletableFuture::join);
        again.forEach(CompletableFuture::join);
        assertThat(log.getFlushIndex()).isEqualTo(4);
        assertThat(server.contents()).isEqualTo(entries(1, 0, 4));
    }

    @Test
    void presentEntriesAreNotWrittenAgainAndAConflictReplacesTheRest() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 9));
        server.term(2);
        List<LogEntryProto> request = new ArrayList<>(entries(1, 4, 6));
        request.addAll(entries(2, 7, 8));

        server.append(request);

        List<LogEntryProto> expected = new ArrayList<>(entries(1, 0, 6));
        expected.addAll(entries(2, 7, 8));
        assertThat(server.contents()).isEqualTo(expected);
        assertThat(log.getFlushIndex()).isEqualTo(8);
        server.reopen();
        assertThat(server.contents()).isEqualTo(expected);
    }

    /** LOG-9, LOG-10: Ratis checks all but entries of metadata, and after a gap another entry would be read for each. */
    @Test
    void anEntryThatDoesNotFollowTheLastOneIsRefusedWhateverItHolds() throws Exception {
        MooringRaftLog log = server.open();
        server.term(2);
        server.append(entries(2, 0, 1));

        for (LogEntryProto refused :
                List.of(LogProtoUtils.toLogEntryProto(1, 2, 5), LogProtoUtils.toLogEntryProto(1, 1, 2), entry(2, 4))) {
            assertThatThrownBy(() -> log.appendEntry(refused))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(Servers.GROUP.toString())
                    .hasMessageContaining("entry " + refused.getIndex() + " of term " + refused.getTerm())
                    .hasMessageContaining("the next one is 2, of term 2 or later");
        }

        assertThat(log.getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(2, 1));
        server.append(List.of(LogProtoUtils.toLogEntryProto(1, 2, 2)));
        assertThat(log.get(2)).isEqualTo(LogProtoUtils.toLogEntryProto(1, 2, 2));
    }

    // RATIS-1887: a suffix truncated front to back leaves a hole after a crash
    @Test
    void aTruncationLowersTheFlushIndexAtOnceAndSurvives() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 9));
        Semaphore save = server.provider().hold();

        CompletableFuture<Long> truncation = log.truncate(5);

        assertThat(log.getFlushIndex()).isEqualTo(4);
        assertThat(log.getLastEntryTermIndex()).isEqualTo(TermIndex.valueOf(1, 4));
        assertThat(log.get(5)).isNull();
        assertThat(truncation).isNotDone();
        save.release(10);
        assertThat(truncation.join()).isEqualTo(5);
        server.reopen();
        assertThat(server.contents()).isEqualTo(entries(1, 0, 4));
    }

    @Test
    void truncatingBehindTheEndDoesNothing() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 2));

        assertThat(log.truncate(3).join()).isEqualTo(3);
        assertThat(server.contents()).isEqualTo(entries(1, 0, 2));
    }

    @Test
    void headersAreCutAtTheEndAndRefusedBelowTheStart() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 9));

        assertThat(log.getEntries(7, 12))
                .extracting(LogEntryHeader::getTermIndex)
                .containsExactly(TermIndex.valueOf(1, 7), TermIndex.valueOf(1, 8), TermIndex.valueOf(1, 9));
        assertThat(log.getEntries(10, 12)).isEmpty();
        assertThatThrownBy(() -> log.getEntries(-1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> log.getEntryWithData(10))
                .isInstanceOf(RaftLogIOException.class)
                .hasMessageContaining("entry 10 is not in the log, which holds 0..9");
    }

    @Test
    void whatTheTailDoesNotHoldComesFromStorage() throws Exception {
        server.servers.properties =
                set -> RaftServerConfigKeys.Log.setSegmentCacheSizeMax(set, SizeInBytes.valueOf("1KB"));
        MooringRaftLog log = server.open();
        server.term(1);
        List<LogEntryProto> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(entry(1, i, "k=" + "x".repeat(i)));
        }
        server.append(all);

        assertThat(server.contents()).isEqualTo(all);
        for (int i = 0; i < 200; i++) {
            assertThat(log.getTermIndex(i)).isEqualTo(TermIndex.valueOf(1, i));
        }
    }

    // RATIS-542, RATIS-2136, RATIS-2186: start and purge index of an empty log, and a purge below the start
    @Test
    void aPurgeOfEverythingLeavesAnEmptyLogThatGoesOnAfterTheSnapshot() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 9));
        commit(9);
        snapshot(1, 9);

        assertThat(log.purge(9).join()).isEqualTo(9);

        assertThat(log.getStartIndex()).isEqualTo(-1);
        assertThat(log.getLastEntryTermIndex()).isNull();
        assertThat(log.getNextIndex()).isEqualTo(10);
        assertThat(log.getFlushIndex()).isEqualTo(9);
        assertThat(log.purge(3).join()).isEqualTo(9);
        assertThat(log.purge(20).join()).isEqualTo(9);
        log = server.reopen();
        assertThat(log.getNextIndex()).isEqualTo(10);
        assertThat(log.getSnapshotIndex()).isEqualTo(9);
        server.append(entries(1, 10, 11));
        assertThat(log.getStartIndex()).isEqualTo(10);
    }

    @Test
    void aPurgeIsExact() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 9));
        commit(9);
        snapshot(1, 6);

        assertThat(log.purge(5).join()).isEqualTo(5);

        assertThat(log.getStartIndex()).isEqualTo(6);
        assertThat(log.get(5)).isNull();
        assertThat(log.getSnapshotIndex()).isEqualTo(6);
        assertThat(server.contents()).isEqualTo(entries(1, 6, 9));
        server.reopen();
        assertThat(server.contents()).isEqualTo(entries(1, 6, 9));
    }

    // Ratis before 3.3.0 sends neither entries nor a snapshot to a follower that needs an entry whose
    // predecessor is gone
    @Test
    void theStartIsTheFirstEntryWhosePredecessorsTermIsKnown() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 9));
        commit(9);
        snapshot(1, 6);
        log.purge(5).join();
        assertThat(log.getStartIndex()).isEqualTo(6);
        assertThat(log.getTermIndex(5)).isEqualTo(TermIndex.valueOf(1, 5));

        log = server.reopen();

        assertThat(log.get(6)).isEqualTo(entry(1, 6));
        assertThat(log.getTermIndex(5)).isNull();
        assertThat(log.getStartIndex()).isEqualTo(7);
        assertThat(log.getTermIndex(6)).isEqualTo(TermIndex.valueOf(1, 6));
    }

    // REL-4
    @Test
    void aPurgeAboveTheNewestSnapshotKeepsWhatTheSnapshotDoesNotCover() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 9));
        commit(9);

        assertThat(log.purge(9).join()).isEqualTo(-1);
        snapshot(1, 3);
        assertThat(log.purge(9).join()).isEqualTo(3);

        assertThat(server.contents()).isEqualTo(entries(1, 4, 9));
    }

    /** REL-4, SNAP-3: a state machine that fetches snapshots itself has them before Ratis says so. */
    @Test
    void aPurgeKeepsEverythingIfTheNewestSnapshotIsYetToBeInstalled() throws Exception {
        MooringRaftLog log = server.open();
        server.term(2);
        server.append(entries(1, 0, 9));
        commit(6);
        for (TermIndex fetched : List.of(TermIndex.valueOf(2, 8), TermIndex.valueOf(2, 50))) {
            snapshot(fetched.getTerm(), fetched.getIndex());

            assertThat(log.purge(5).join()).isEqualTo(-1);

            assertThat(server.contents()).isEqualTo(entries(1, 0, 9));
            assertThat(log.getSnapshotIndex()).isEqualTo(-1);
            assertThat(log.getLastCommittedIndex()).isEqualTo(6);
        }
    }

    // SNAP-7
    @Test
    void anInstalledSnapshotBeyondTheEndLeavesAnEmptyLog() throws Exception {
        MooringRaftLog log = server.open();
        server.term(2);
        server.append(entries(1, 0, 9));
        server.install(2, 50);

        assertThat(log.getLastEntryTermIndex()).isNull();
        assertThat(log.getStartIndex()).isEqualTo(-1);
        assertThat(log.getNextIndex()).isEqualTo(51);
        assertThat(log.getFlushIndex()).isEqualTo(50);
        assertThat(log.getLastCommittedIndex()).isEqualTo(50);
        server.append(entries(2, 51, 52));
        server.reopen();
        assertThat(server.contents()).isEqualTo(entries(2, 51, 52));
    }

    // SNAP-3: entries behind the snapshot may be acknowledged
    @Test
    void anInstalledSnapshotWithinTheLogKeepsWhatFollowsIt() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 9));
        server.install(1, 4);

        assertThat(server.contents()).isEqualTo(entries(1, 5, 9));
        assertThat(log.getFlushIndex()).isEqualTo(9);
    }

    // Raft §7, SNAP-3: the server must not stand for election with entries that contradict the snapshot
    @Test
    void anInstalledSnapshotOfAnotherTermDiscardsTheLog() throws Exception {
        MooringRaftLog log = server.open();
        server.term(3);
        server.append(entries(1, 0, 9));
        server.install(3, 4);

        assertThat(log.getLastEntryTermIndex()).isNull();
        assertThat(log.getNextIndex()).isEqualTo(5);
        server.append(entries(3, 5, 5));
        server.reopen();
        assertThat(server.contents()).isEqualTo(entries(3, 5, 5));
    }

    @Test
    void aRequestThatASnapshotOvertookIsPresent() throws Exception {
        server.open();
        server.term(1);
        server.install(1, 4);

        server.append(entries(1, 3, 6));

        assertThat(server.contents()).isEqualTo(entries(1, 5, 6));
    }

    @Test
    void aNewServerThatIsGivenASnapshotGoesOnFromIt() throws Exception {
        server.open();
        server.servers.stop("n1");
        Path snapshots = server.servers.current("n1").resolveSibling("sm");
        new SnapshotDirectory(snapshots).save(TermIndex.valueOf(3, 50), out -> out.write(new byte[4]));

        MooringRaftLog log = server.open();

        assertThat(log.getSnapshotIndex()).isEqualTo(50);
        assertThat(log.getNextIndex()).isEqualTo(51);
        assertThat(log.getFlushIndex()).isEqualTo(50);
        assertThat(log.loadMetadata()).isEqualTo(RaftStorageMetadata.valueOf(3, null));
    }

    @Test
    void aLogThatDoesNotJoinOnToTheSnapshotIsRefusedWithTheEntriesThatAreLost() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        server.append(entries(1, 0, 9));
        commit(9);
        snapshot(1, 6);
        log.purge(6).join();
        server.servers.stop("n1");
        Path current = server.servers.current("n1");
        Files.delete(current.resolveSibling("sm").resolve("snapshot.1_6"));
        Files.delete(current.resolve(KeptSnapshot.DIRECTORY).resolve("snapshot.1_6"));

        assertThatThrownBy(server::open).hasStackTraceContaining("so entries 0..6 are lost");
    }

    @Test
    void theCommitIndexAndTheConfigurationSurviveARestart() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        LogEntryProto configuration =
                LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 0);
        server.append(List.of(configuration));
        server.append(entries(1, 1, 9));
        commit(8);
        assertThat(log.getLastCommittedIndex()).isEqualTo(8);
        server.servers.stop("n1");
        // Ratis does not force the rename of its own copy of the configuration
        Files.delete(server.servers.current("n1").resolve("raft-meta.conf"));

        log = server.open();

        assertThat(log.getLastCommittedIndex()).isEqualTo(8);
        assertThat(server.division().getRaftConf().getLogEntryIndex()).isZero();
    }

    @Test
    void aConfigurationThatIsNotCommittedCountsUntilItIsTruncated() throws Exception {
        server.open();
        server.term(1);
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 0)));
        commit(0);
        server.append(entries(1, 1, 4));
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 5)));
        MooringRaftLog log = server.reopen();
        assertThat(server.division().getRaftConf().getLogEntryIndex()).isEqualTo(5);

        log.truncate(5).join();
        server.reopen();

        assertThat(server.division().getRaftConf().getLogEntryIndex()).isZero();
    }

    // Raft §6, §7: what the snapshot's leader committed is not what this log has
    @Test
    void aConfigurationThatASnapshotMayContradictIsNotTakenForCommitted() throws Exception {
        for (long covered : new long[] {50, 6}) { // behind the log, and within it with another term
            server.open();
            server.term(3);
            server.append(
                    List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 0)));
            commit(0);
            server.append(entries(2, 1, 4));
            server.append(
                    List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 2L, 5)));
            server.append(entries(2, 6, 7));

            server.install(3, covered);
            server.servers.stop("n1");
            Files.deleteIfExists(server.servers.current("n1").resolve("raft-meta.conf"));
            server.open();

            assertThat(server.division().getRaftConf().getLogEntryIndex()).isZero();
            server.close();
            server = new IdleServer(root.resolve("after-" + covered));
        }
    }

    @Test
    void aConfigurationThatASnapshotConfirmsIsCommitted() throws Exception {
        server.open();
        server.term(1);
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 0)));
        commit(0);
        server.append(entries(1, 1, 4));
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 5)));
        server.append(entries(1, 6, 7));
        server.install(1, 6);
        server.servers.stop("n1");
        Files.deleteIfExists(server.servers.current("n1").resolve("raft-meta.conf"));
        server.open();
        assertThat(server.division().getRaftConf().getLogEntryIndex()).isEqualTo(5);
    }

    /** SNAP-7: what storage has not heard of yet, neither commit index nor attachment, the recorded snapshot brings. */
    @Test
    void aConfigurationThatASnapshotCoversAndStorageDoesNotKnowSurvivesACrash() throws Exception {
        server.open();
        server.term(1);
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 0)));
        commit(0);
        server.append(entries(1, 1, 4));
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 5)));
        server.append(entries(1, 6, 9));
        commit(9);
        snapshot(1, 9);
        server.provider().fail(new IOException("No space left on device")); // a close saves nothing any more
        server.servers.stop("n1");
        server.provider().mend();
        Files.deleteIfExists(server.servers.current("n1").resolve("raft-meta.conf"));

        server.open();
        assertThat(server.division().getRaftConf().getLogEntryIndex()).isEqualTo(5);

        server.servers.stop("n1");
        Files.deleteIfExists(server.servers.current("n1").resolve("raft-meta.conf"));
        server.open();
        assertThat(server.division().getRaftConf().getLogEntryIndex()).isEqualTo(5);
    }

    /** Ratis learns from an entry of its own how far the log is committed, and storage from the snapshot. */
    @Test
    void aConfigurationBelowACommitIndexThatOnlyRatisKnowsSurvivesAPurge() throws Exception {
        server.open();
        server.term(1);
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 0)));
        commit(0);
        server.append(entries(1, 1, 4));
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 5)));
        server.append(entries(1, 6, 8));
        server.append(List.of(LogProtoUtils.toLogEntryProto(8, 1, 9)));
        MooringRaftLog log = server.reopen();
        assertThat(log.getLastCommittedIndex()).isEqualTo(8);
        await().until(() -> server.division().getInfo().getLastAppliedIndex() >= 8);

        snapshot(1, 8);
        assertThat(log.purge(8).join()).isEqualTo(8);
        server.servers.stop("n1");
        Files.deleteIfExists(server.servers.current("n1").resolve("raft-meta.conf"));
        server.open();

        assertThat(server.division().getRaftConf().getLogEntryIndex()).isEqualTo(5);
    }

    @Test
    void theServerIsToldOfEntriesThatAConflictReplaces() throws Exception {
        server.open();
        server.term(1);
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 0)));
        commit(0);
        server.append(entries(1, 1, 4));
        server.append(List.of(LogProtoUtils.toLogEntryProto(server.division().getRaftConf(), 1L, 5)));
        server.reopen();
        assertThat(server.division().getRaftConf().getLogEntryIndex()).isEqualTo(5);
        server.term(2);

        server.append(entries(2, 4, 6));

        assertThat(server.division().getRaftConf().getLogEntryIndex()).isZero();
    }

    // RATIS-587, RATIS-1708: a close that overtakes a flush
    @Test
    void closingWritesWhatWasAccepted() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);
        List<CompletableFuture<Long>> appends = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            appends.add(log.appendEntry(entry(1, i)));
        }

        server.reopen();

        assertThat(appends).allMatch(append -> !append.isCompletedExceptionally());
        assertThat(server.contents()).isEqualTo(entries(1, 0, 499));
    }

    // RATIS-1332
    @Test
    void aLeftoverOfRatisMetadataDoesNotStopTheStart() throws Exception {
        server.open();
        server.term(5);
        server.servers.stop("n1");
        Files.write(server.servers.current("n1").resolve("raft-meta.tmp"), new byte[] {1, 2, 3});

        assertThat(server.open().loadMetadata().getTerm()).isEqualTo(5);
    }

    @Test
    void anEntryOfARaisedTermNeedsTheTermFirst() throws Exception {
        MooringRaftLog log = server.open();
        server.term(1);

        // STATE-6: Ratis saves the term first; were it not to, the division stops rather than go on
        assertThat(log.appendEntry(entry(2, 0))).failsWithin(Duration.ofSeconds(30));
    }

    @Test
    void entriesLargerThanStorageTakesAreRefusedAtTheStart() {
        server.servers.settings = config -> config.with("mooring.max-payload-bytes", "1MiB");

        assertThatThrownBy(server::open)
                .hasStackTraceContaining("mooring.max-payload-bytes")
                .hasStackTraceContaining(RaftServerConfigKeys.Log.Appender.BUFFER_BYTE_LIMIT_KEY);
    }

    private void commit(long index) {
        server.log().updateCommitIndex(index, 0, false);
        await().until(() -> server.division().getInfo().getLastAppliedIndex() >= index);
    }

    private void snapshot(long term, long index) throws IOException {
        server.servers.counter("n1").takeSnapshotAt(TermIndex.valueOf(term, index));
    }
}
