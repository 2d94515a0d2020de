// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.LifeCycle;

/** A map of strings: {@code key=value} puts, {@code key=++} counts up, a query of {@code #} answers a digest of it all. */
class CounterStateMachine extends BaseStateMachine {

    final MooringSnapshotStorage snapshots = new MooringSnapshotStorage();
    private final TreeMap<String, String> map = new TreeMap<>();
    private Path stateMachineDirectory;
    volatile int loads; // snapshots that were loaded
    volatile int applied;
    volatile Throwable logFailure;
    volatile boolean failsWhenTold;
    volatile CountDownLatch hears = new CountDownLatch(0); // of a failure, and not before
    volatile CountDownLatch closes = new CountDownLatch(0); // not before this

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage) throws IOException {
        super.initialize(server, groupId, raftStorage);
        snapshots.init(raftStorage);
        stateMachineDirectory = raftStorage.getStorageDir().getStateMachineDir().toPath();
        load(snapshots.getLatestSnapshot());
        getLifeCycle().startAndTransition(() -> {});
    }

    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        load(snapshots.loadLatestSnapshot());
        getLifeCycle().transition(LifeCycle.State.STARTING);
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return snapshots;
    }

    @Override
    public synchronized long takeSnapshot() throws IOException {
        return snapshots.save(getLastAppliedTermIndex(), this::write).getIndex();
    }

    @Override
    public synchronized CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        String command = entry.getStateMachineLogEntry().getLogData().toString(StandardCharsets.UTF_8);
        int equals = command.indexOf('=');
        String key = command.substring(0, equals);
        String value = command.substring(equals + 1);
        if (value.equals("++")) {
            value = Long.toString(Long.parseLong(map.getOrDefault(key, "0")) + 1);
        }
        map.put(key, value);
        applied++;
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        return CompletableFuture.completedFuture(Message.valueOf(value));
    }

    @Override
    public synchronized CompletableFuture<Message> query(Message request) {
        String key = request.getContent().toStringUtf8();
        return CompletableFuture.completedFuture(
                Message.valueOf(key.equals("#") ? digest() : map.getOrDefault(key, "")));
    }

    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto failedEntry) {
        logFailure = cause;
        await(hears);
        if (failsWhenTold) {
            throw new AssertionError("it can not bear this");
        }
    }

    @Override
    public void close() throws IOException {
        await(closes);
        super.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes a snapshot that claims to cover less than was applied. */
    synchronized void takeSnapshotAt(TermIndex covered) throws IOException {
        snapshots.save(covered, this::write);
    }

    /** Puts a snapshot where Ratis puts one that its leader sent. */
    synchronized void writeBehindItsBack(TermIndex covered) throws IOException {
        new SnapshotDirectory(stateMachineDirectory).save(covered, this::write);
    }

    synchronized String digest() {
        return map.size() + ":" + map.hashCode() + ":" + map.get("counter");
    }

    private synchronized void write(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(map.size());
        for (Map.Entry<String, String> entry : map.entrySet()) {
            data.writeUTF(entry.getKey());
            data.writeUTF(entry.getValue());
        }
        data.flush();
    }

    private synchronized void load(SingleFileSnapshotInfo snapshot) throws IOException {
        if (snapshot == null) {
            return;
        }
        map.clear();
        try (DataInputStream data = new DataInputStream(
                new BufferedInputStream(Files.newInputStream(snapshot.getFile().getPath())))) {
            for (int left = data.readInt(); left > 0; left--) {
                map.put(data.readUTF(), data.readUTF());
            }
        }
        setLastAppliedTermIndex(snapshot.getTermIndex());
        loads++;
    }
}
