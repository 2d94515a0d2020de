// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.LogEntry;
import java.io.IOException;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/** Translates between Ratis' entries and those of storage. The payload is the serialized {@link LogEntryProto}. */
final class LogEntries {

    private LogEntries() {}

    /** Whether the state machine keeps a part of this entry itself. */
    static boolean hasStateMachineData(LogEntryProto entry) {
        return entry.hasStateMachineLogEntry()
                && !entry.getStateMachineLogEntry()
                        .getStateMachineEntry()
                        .getStateMachineData()
                        .isEmpty();
    }

    /** What the log keeps of an entry: all but the data that the state machine keeps itself. */
    static LogEntryProto withoutStateMachineData(LogEntryProto entry) {
        return LogProtoUtils.removeStateMachineData(entry);
    }

    static LogEntry toStorage(LogEntryProto kept) {
        return LogEntry.of(kept.getIndex(), kept.getTerm(), kept.toByteArray());
    }

    static LogEntryProto fromStorage(LogEntry stored) throws IOException {
        LogEntryProto entry;
        try {
            // not copied: what storage hands out stays as it is
            entry = LogEntryProto.parseFrom(UnsafeByteOperations.unsafeWrap(stored.payload()));
        } catch (InvalidProtocolBufferException e) {
            throw new IOException(
                    "Entry " + stored.index() + " of term " + stored.term() + " is not one that Ratis wrote", e);
        }
        if (entry.getIndex() != stored.index() || entry.getTerm() != stored.term()) {
            throw new IOException("Entry " + stored.index() + " of term " + stored.term() + " holds Ratis' entry "
                    + entry.getIndex() + " of term " + entry.getTerm());
        }
        return entry;
    }
}
