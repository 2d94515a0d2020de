// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.TimeDuration;

/** A server that nobody talks to and that waits for ever before it stands for election: the test takes Ratis' part. */
final class IdleServer implements AutoCloseable {

    private static final ClientId CLIENT = ClientId.randomId();

    final Servers servers;

    IdleServer(Path root) throws IOException {
        servers = new Servers(root, "n1", "n2", "n3");
    }

    MooringRaftLog open() throws IOException {
        start();
        return log();
    }

    void start() throws IOException {
        TimeDuration longTime = TimeDuration.valueOf(1, TimeUnit.HOURS);
        Consumer<RaftProperties> wanted = servers.properties;
        servers.properties = set -> {
            RaftServerConfigKeys.Rpc.setTimeoutMax(set, longTime);
            RaftServerConfigKeys.Rpc.setTimeoutMin(set, longTime);
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(set, longTime);
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(set, longTime);
            wanted.accept(set);
        };
        servers.start("n1");
    }

    MooringRaftLog reopen() throws IOException {
        servers.stop("n1");
        return open();
    }

    MooringRaftLog log() {
        return (MooringRaftLog) division().getRaftLog();
    }

    RaftServer.Division division() {
        return servers.division("n1");
    }

    ControlledProvider provider() {
        return servers.providers.get("n1");
    }

    /** Moves to a term, as Ratis does before it appends in it. */
    void term(long term) throws IOException {
        log().persistMetadata(RaftStorageMetadata.valueOf(term, null));
    }

    /** Does what Ratis does when the last chunk of its leader's snapshot has arrived. */
    void install(long term, long index) throws Exception {
        TermIndex covered = TermIndex.valueOf(term, index);
        CounterStateMachine stateMachine = servers.counter("n1");
        stateMachine.pause();
        stateMachine.writeBehindItsBack(covered);
        Method getState = division().getClass().getDeclaredMethod("getState");
        getState.setAccessible(true);
        Object state = getState.invoke(division());
        Method reload = state.getClass().getDeclaredMethod("reloadStateMachine", TermIndex.class);
        reload.setAccessible(true);
        reload.invoke(state, covered);
    }

    static LogEntryProto entry(long term, long index) {
        return entry(term, index, "counter=++ " + term + "/" + index);
    }

    static LogEntryProto entry(long term, long index, String command) {
        return LogProtoUtils.toLogEntryProto(
                LogProtoUtils.toStateMachineLogEntryProto(
                        CLIENT,
                        index,
                        StateMachineLogEntryProto.Type.WRITE,
                        ByteString.copyFrom(command, StandardCharsets.UTF_8),
                        null),
                term,
                index);
    }

    /** Entries first..last of a term, both inclusive. */
    static List<LogEntryProto> entries(long term, long first, long last) {
        List<LogEntryProto> entries = new ArrayList<>();
        for (long index = first; index <= last; index++) {
            entries.add(entry(term, index));
        }
        return entries;
    }

    /** Appends as a follower does, and waits until it is durable. */
    void append(List<LogEntryProto> entries) {
        CompletableFuture.allOf(log().append(entries).toArray(new CompletableFuture<?>[0]))
                .join();
    }

    /** What the log holds, read one by one from the end. */
    List<LogEntryProto> contents() throws IOException {
        List<LogEntryProto> contents = new ArrayList<>();
        MooringRaftLog log = log();
        TermIndex last = log.getLastEntryTermIndex();
        if (last != null) {
            LogEntryProto entry = log.get(last.getIndex());
            while (entry != null) {
                contents.add(entry);
                entry = log.get(entry.getIndex() - 1);
            }
        }
        Collections.reverse(contents);
        return contents;
    }

    @Override
    public void close() throws IOException {
        servers.close();
    }
}
