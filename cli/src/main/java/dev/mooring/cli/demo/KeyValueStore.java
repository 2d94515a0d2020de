// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import dev.mooring.ratis.MooringSnapshotStorage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/** The replicated key-value store: line numbers and lines, all in memory, and in a file when a snapshot is taken. */
final class KeyValueStore extends BaseStateMachine {

    private static final int ANSWER_BYTES = 1024 * 1024;
    private static final long NONE = -1;

    private final MooringSnapshotStorage snapshots = new MooringSnapshotStorage();
    private final TreeMap<Integer, byte[]> pairs = new TreeMap<>(); // guarded by this
    private final AtomicLong appliedEntries = new AtomicLong();
    private volatile long startedFrom = NONE;
    private volatile long installed = NONE;

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage) throws IOException {
        super.initialize(server, groupId, storage);
        snapshots.init(storage);
        startedFrom = load(snapshots.getLatestSnapshot());
        getLifeCycle().startAndTransition(() -> {});
    }

    /** Called before a snapshot that the leader sent replaces what is here. */
    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    /** Called once it is in place. */
    @Override
    public void reinitialize() throws IOException {
        installed = load(snapshots.loadLatestSnapshot());
        getLifeCycle().transition(LifeCycle.State.STARTING);
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    @Override
    public MooringSnapshotStorage getStateMachineStorage() {
        return snapshots;
    }

    @Override
    public synchronized CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        var request = entry.getStateMachineLogEntry().getLogData();
        pairs.put(Requests.key(request), Requests.value(request));
        appliedEntries.incrementAndGet();
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    @Override
    public CompletableFuture<Message> query(Message request) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(answer)) {
            Pairs.write(someFrom(Requests.key(request.getContent())), out);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        return CompletableFuture.completedFuture(
                Message.valueOf(UnsafeByteOperations.unsafeWrap(answer.toByteArray())));
    }

    @Override
    public synchronized long takeSnapshot() throws IOException {
        return snapshots
                .save(getLastAppliedTermIndex(), out -> Pairs.write(pairs, new DataOutputStream(out)))
                .getIndex();
    }

    /** Index of the snapshot of its own that this store started from; -1 if none. */
    long startedFrom() {
        return startedFrom;
    }

    /** Index of the newest snapshot that the leader has sent since the start; -1 if none. */
    long installed() {
        return installed;
    }

    /** Number of entries applied one by one since the start. */
    long appliedEntries() {
        return appliedEntries.get();
    }

    private synchronized SortedMap<Integer, byte[]> someFrom(int key) {
        SortedMap<Integer, byte[]> some = new TreeMap<>();
        long bytes = 0;
        for (Map.Entry<Integer, byte[]> pair : pairs.tailMap(key).entrySet()) {
            bytes += 2L * Integer.BYTES + pair.getValue().length;
            if (bytes > ANSWER_BYTES && !some.isEmpty()) {
                break;
            }
            some.put(pair.getKey(), pair.getValue());
        }
        return some;
    }

    private synchronized long load(@Nullable SingleFileSnapshotInfo snapshot) throws IOException {
        if (snapshot == null) {
            return NONE;
        }
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(Files.newInputStream(snapshot.getFile().getPath())))) {
            SortedMap<Integer, byte[]> loaded = Pairs.read(in);
            pairs.clear();
            pairs.putAll(loaded);
        }
        setLastAppliedTermIndex(snapshot.getTermIndex());
        return snapshot.getIndex();
    }
}
