// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random legal calls of Ratis, restarts included, against a log that is a map (MODEL-1). */
class RandomLogTest {

    private static final int STEPS = 100;

    @TempDir
    Path root;

    private final TreeMap<Long, LogEntryProto> model = new TreeMap<>();
    private final List<String> done = new ArrayList<>();
    private Random random;
    private IdleServer server;
    private RaftStorageMetadata metadata = RaftStorageMetadata.getDefault();
    private long snapshot = -1;
    private long commit = -1;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theLogIsWhatTheModelSays(long seed) throws Exception {
        random = new Random(seed);
        try (IdleServer idle = new IdleServer(root)) {
            server = idle;
            server.servers.properties =
                    set -> RaftServerConfigKeys.Log.setSegmentCacheSizeMax(set, SizeInBytes.valueOf("2KB"));
            server.open();
            newTerm();
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(12)) {
                    case 0 -> newTerm();
                    case 1, 2 -> conflict();
                    case 3 -> truncate();
                    case 4, 5 -> commit();
                    case 6 -> snapshotAndPurge();
                    case 7 -> install();
                    case 8 -> restart();
                    default -> append();
                }
                check(seed);
            }
        }
    }

    private void append() {
        long first = last() + 1;
        List<LogEntryProto> entries = IdleServer.entries(metadata.getTerm(), first, first + random.nextInt(8));
        done.add("append " + first + " + " + entries.size());
        if (random.nextBoolean()) {
            server.append(entries);
        } else {
            entries.stream()
                    .map(entry -> server.log().appendEntry(entry))
                    .toList()
                    .forEach(CompletableFuture::join);
        }
        entries.forEach(entry -> model.put(entry.getIndex(), entry));
    }

    /** A new leader sends what the log has, then something else. */
    private void conflict() throws Exception {
        long from = commit + 1 + random.nextInt((int) (last() - commit) + 1);
        newTerm();
        List<LogEntryProto> request = new ArrayList<>(
                model.subMap(Math.max(commit + 1, from - 3), from).values());
        request.addAll(IdleServer.entries(metadata.getTerm(), from, from + random.nextInt(4)));
        done.add("conflict at " + from + " in a request from " + request.get(0).getIndex());
        server.append(request);
        model.tailMap(from).clear();
        request.forEach(entry -> model.put(entry.getIndex(), entry));
    }

    private void truncate() {
        long from = commit + 1 + random.nextInt((int) (last() - commit) + 1);
        done.add("truncate " + from);
        server.log().truncate(from).join();
        model.tailMap(from).clear();
    }

    private void commit() {
        if (last() > commit) {
            commit = commit + 1 + random.nextInt((int) (last() - commit));
            done.add("commit " + commit);
            server.log().updateCommitIndex(commit, metadata.getTerm(), false);
        }
    }

    private void snapshotAndPurge() throws Exception {
        await().until(() -> server.division().getInfo().getLastAppliedIndex() >= commit);
        if (commit > snapshot) {
            long purge = snapshot + 1 + random.nextInt((int) (commit - snapshot));
            done.add("snapshot " + commit + ", purge " + purge);
            snapshot = server.servers.counter("n1").takeSnapshot();
            server.log().purge(purge).join();
            model.headMap(purge, true).clear();
        }
    }

    private void install() throws Exception {
        await().until(() -> server.division().getInfo().getLastAppliedIndex() >= commit);
        long index = commit + 1 + random.nextInt((int) (last() - commit) + 5);
        LogEntryProto mine = model.get(index);
        boolean same = mine != null && random.nextBoolean();
        if (!same) {
            newTerm();
        }
        long term = same ? mine.getTerm() : metadata.getTerm();
        done.add("install " + term + "/" + index);
        server.install(term, index);
        if (same) {
            model.headMap(index, true).clear();
        } else {
            model.clear();
        }
        snapshot = index;
        commit = index;
        await().until(() -> server.division().getInfo().getLastAppliedIndex() >= index);
    }

    private void restart() throws Exception {
        done.add("restart");
        server.reopen();
    }

    private void newTerm() throws Exception {
        metadata = RaftStorageMetadata.valueOf(
                metadata.getTerm() + 1, random.nextBoolean() ? RaftPeerId.valueOf("n2") : null);
        done.add("" + metadata);
        server.log().persistMetadata(metadata);
    }

    private void check(long seed) throws Exception {
        MooringRaftLog log = server.log();
        String story = "seed " + seed + ": " + String.join("; ", done);
        assertThat(server.contents()).as(story).containsExactlyElementsOf(model.values());
        long start = log.getStartIndex();
        if (start >= 0) { // can be sent, with the term of the entry before
            assertThat(start).as(story).isBetween(model.firstKey(), model.firstKey() + 1);
            assertThat(start == 0 || log.getTermIndex(start - 1) != null)
                    .as(story)
                    .isTrue();
        } else {
            assertThat(model).as(story).hasSizeLessThan(2);
        }
        assertThat(log.getNextIndex()).as(story).isEqualTo(last() + 1);
        assertThat(log.getFlushIndex()).as(story).isEqualTo(last());
        assertThat(log.getSnapshotIndex()).as(story).isEqualTo(snapshot);
        assertThat(log.getLastCommittedIndex()).as(story).isEqualTo(commit);
        assertThat(log.loadMetadata()).as(story).isEqualTo(metadata);
        for (LogEntryProto entry : model.values()) {
            assertThat(log.getTermIndex(entry.getIndex())).as(story).isEqualTo(TermIndex.valueOf(entry));
        }
        assertThat(log.getTermIndex(last() + 1)).as(story).isNull();
        assertThat(log.getEntries(model.isEmpty() ? last() + 1 : model.firstKey(), last() + 10))
                .as(story)
                .hasSize(model.size());
    }

    private long last() {
        return model.isEmpty() ? snapshot : model.lastKey();
    }
}
