// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientInvocationId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.statemachine.StateMachine;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

/** The part of entries that the state machine keeps itself ({@link StateMachine.DataApi}), as Ratis is configured. */
final class StateMachineData {

    private final String name;
    private final RaftServer.Division division;
    private final boolean waitsForWrite;
    private final boolean cachedByStateMachine;
    private final long timeoutNanos; // Long.MAX_VALUE: waits for ever

    /** @param name of the log, for messages */
    StateMachineData(String name, RaftServer.Division division, RaftProperties properties) {
        this.name = name;
        this.division = division;
        this.waitsForWrite = Log.StateMachineData.sync(properties);
        this.cachedByStateMachine = Log.StateMachineData.cachingEnabled(properties);
        this.timeoutNanos = timeoutNanos(properties);
    }

    /**
     * Gives the state machine its part of an entry.
     *
     * @return completes when that is written, as the state machine says; null if it has no part
     */
    @Nullable
    CompletableFuture<?> write(LogEntryProto entry, @Nullable TransactionContext context) {
        if (LogEntries.hasStateMachineData(entry)) {
            return api().write(entry, context);
        }
        if (entry.hasStateMachineLogEntry()
                && entry.getStateMachineLogEntry().getType() == StateMachineLogEntryProto.Type.DATASTREAM) {
            CompletableFuture<StateMachine.DataStream> stream =
                    division.getDataStreamMap().remove(ClientInvocationId.valueOf(entry.getStateMachineLogEntry()));
            return stream == null ? api().link(null, entry) : stream.thenCompose(opened -> api().link(opened, entry));
        }
        return null;
    }

    /** What the log has to wait for before it keeps an entry: the write, or nothing. */
    @Nullable
    CompletableFuture<?> gate(@Nullable CompletableFuture<?> written) {
        boolean isWritten = written == null || (written.isDone() && !written.isCompletedExceptionally());
        return waitsForWrite && !isWritten ? written : null;
    }

    /** From now on the configured patience with a write runs out; the future then fails. */
    CompletableFuture<?> patience(CompletableFuture<?> written) {
        return timeoutNanos == Long.MAX_VALUE ? written : written.copy().orTimeout(timeoutNanos, TimeUnit.NANOSECONDS);
    }

    /** Reads the state machine's part of an entry; if that fails, the state machine is told that the log failed. */
    CompletableFuture<ByteString> read(LogEntryProto entry, @Nullable TransactionContext context) {
        return api().read(entry, context).exceptionally(e -> {
            division.getStateMachine().event().notifyLogFailed(e, entry);
            throw new CompletionException(unreadable(entry), e);
        });
    }

    /** Says that the state machine's part of an entry can not be read. */
    String unreadable(LogEntryProto entry) {
        return name + ": the state machine can not read its data of "
                + LogProtoUtils.toLogEntryString(entry, division.getStateMachine()::toStateMachineLogEntryString);
    }

    CompletableFuture<?> flush(long index) {
        return api().flush(index);
    }

    /** Never throws: the log truncates itself whatever the state machine does. */
    CompletableFuture<?> truncate(long index) {
        try {
            return api().truncate(index);
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** What to hold in memory of an entry. */
    LogEntryProto cacheable(LogEntryProto entry) {
        return cachedByStateMachine ? LogEntries.withoutStateMachineData(entry) : entry;
    }

    private StateMachine.DataApi api() {
        return division.getStateMachine().data();
    }

    private static long timeoutNanos(RaftProperties properties) {
        int retries = Log.StateMachineData.syncTimeoutRetry(properties);
        if (retries < 0) {
            return Long.MAX_VALUE;
        }
        TimeDuration timeout = Log.StateMachineData.syncTimeout(properties);
        long nanos = timeout.toLong(TimeUnit.NANOSECONDS);
        return nanos > Long.MAX_VALUE / (retries + 1L) ? Long.MAX_VALUE : nanos * (retries + 1L);
    }
}
