// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.spi.StorageException;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.util.MemoizedSupplier;
import org.jspecify.annotations.Nullable;

/** What a log asks of the division it serves, beyond Ratis' public API. */
final class DivisionAccess {

    private final RatisInternals internals;
    private final Object division;
    private final Object state;
    private final MemoizedSupplier<?> log;

    DivisionAccess(RaftServer.Division division) throws StorageException.Refused {
        internals = RatisInternals.find();
        if (!internals.division.isInstance(division)) {
            throw new StorageException.Refused("Division " + division.getMemberId() + " is a "
                    + division.getClass().getName() + ", but Mooring can only run in a "
                    + internals.division.getName() + ". Install it with the server that Ratis' own builder made");
        }
        this.division = division;
        try {
            state = internals.getState.invokeExact(this.division);
            log = (MemoizedSupplier<?>) internals.log.get(state);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The log that the division uses or is going to use; null if none is chosen yet. */
    @Nullable
    Object installedLog() {
        return internals.memoizedValue.getVolatile(log);
    }

    /** Makes the division use this log, unless it has one: then false. */
    boolean installLog(RaftLog mine) {
        return internals.memoizedValue.compareAndSet(log, null, mine);
    }

    /** Tells the division of a configuration found in its log. */
    void setConfiguration(LogEntryProto entry) {
        try {
            internals.setRaftConf.invokeExact(state, LogProtoUtils.toRaftConfiguration(entry));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    void notifyTruncatedLogEntry(LogEntryProto entry) {
        try {
            internals.notifyTruncatedLogEntry.invokeExact(division, entry);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    @Nullable
    TransactionContext transactionContext(LogEntryProto entry, boolean createNew) {
        try {
            return (TransactionContext)
                    internals.getTransactionContext.invokeExact(division, entry, Boolean.valueOf(createNew));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Lets the leader look at the flush index again. Never blocks; does nothing on a follower. */
    void submitUpdateCommitEvent() {
        try {
            internals.submitUpdateCommitEvent.invokeExact(division);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    private static RuntimeException rethrow(Throwable thrown) {
        if (thrown instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(thrown);
    }
}
