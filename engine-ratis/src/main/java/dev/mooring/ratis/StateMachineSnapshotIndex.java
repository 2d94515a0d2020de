// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import java.util.function.LongSupplier;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachine;

/** Index of the state machine's newest snapshot; none until the state machine has looked for it. */
final class StateMachineSnapshotIndex implements LongSupplier {

    private final StateMachine stateMachine;
    private volatile boolean ready;

    StateMachineSnapshotIndex(StateMachine stateMachine) {
        this.stateMachine = stateMachine;
    }

    void stateMachineIsReady() {
        ready = true;
    }

    @Override
    public long getAsLong() {
        SnapshotInfo latest = ready ? stateMachine.getLatestSnapshot() : null;
        return latest == null ? RaftLog.INVALID_LOG_INDEX : Math.max(RaftLog.INVALID_LOG_INDEX, latest.getIndex());
    }
}
