// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import dev.mooring.RaftGroup;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the newest committed configuration, and the server's id, in the group's attachment.
 *
 * <p>Format of the attachment, big-endian: {@code version:1 = 1 | idLength:2 | id, UTF-8 | configuration}; the
 * configuration is a serialized {@link LogEntryProto} and takes the rest, nothing if none was committed yet.
 */
final class Configurations {

    // A server uses the newest configuration in its log, committed or not (Raft §6), and goes back to the
    // one before if that one is truncated. Committed ones are never truncated. So what has to be known when
    // a log is opened is the newest committed one, and those in the entries above the commit index: the
    // rest of the log need not be read. Of a configuration that is committed the attachment is accepted
    // before the commit index, so none falls in between.

    private static final byte VERSION = 1;

    private final RaftGroup group;
    private final String serverId;
    private final TreeMap<Long, LogEntryProto> uncommitted = new TreeMap<>();
    private @Nullable LogEntryProto committed;
    private @Nullable RaftConfiguration known; // looked at last

    /**
     * @throws StorageException.Refused if another server wrote the group
     */
    Configurations(RaftGroup group, String serverId) throws IOException {
        this.group = group;
        this.serverId = serverId;
        ByteBuffer attachment = group.attachment();
        if (attachment != null) {
            committed = decode(attachment);
        } else {
            group.attach(encode(null));
        }
    }

    /** The newest committed configuration known; null if none. */
    synchronized @Nullable LogEntryProto committed() {
        return committed;
    }

    /** Index up to which no other configuration than {@link #committed} matters. */
    synchronized long knownIndex() {
        return Math.max(group.commitIndex(), committed == null ? -1 : committed.getIndex());
    }

    synchronized void appended(LogEntryProto entry) {
        if (entry.hasConfigurationEntry()) {
            uncommitted.put(entry.getIndex(), entry);
        }
    }

    synchronized void truncatedFrom(long index) {
        uncommitted.tailMap(index, true).clear();
    }

    /**
     * Takes note that entries up to here are committed. Comes before storage is told the same.
     *
     * @param current the configuration in use, which may have come with a snapshot and not through the log
     */
    synchronized void committedTo(long index, @Nullable RaftConfiguration current) throws IOException {
        LogEntryProto newest = null;
        Map.Entry<Long, LogEntryProto> reached = uncommitted.floorEntry(index);
        if (reached != null) {
            newest = reached.getValue();
            uncommitted.headMap(index, true).clear();
        } else if (current != null
                && current != known
                && current.getLogEntryIndex() >= 0
                && current.getLogEntryIndex() <= index) {
            known = current;
            newest = LogProtoUtils.toLogEntryProto(current, null, current.getLogEntryIndex());
        }
        if (newest != null && replacesCommitted(newest)) {
            group.attach(encode(newest));
            committed = newest;
        }
    }

    /**
     * Forgets what stands up to here: a snapshot covers it that does not say which configurations it had, and the log may
     * have had others.
     */
    synchronized void forgetTo(long index) {
        uncommitted.headMap(index, true).clear();
    }

    /** Of two at the same index the one that came last is right: what Ratis uses has been committed. */
    private boolean replacesCommitted(LogEntryProto newest) {
        return committed == null
                || newest.getIndex() > committed.getIndex()
                || (newest.getIndex() == committed.getIndex()
                        && !newest.getConfigurationEntry().equals(committed.getConfigurationEntry()));
    }

    private ByteBuffer encode(@Nullable LogEntryProto configuration) {
        byte[] id = serverId.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = configuration == null ? new byte[0] : configuration.toByteArray();
        return ByteBuffer.allocate(1 + 2 + id.length + bytes.length)
                .put(VERSION)
                .putShort((short) id.length)
                .put(id)
                .put(bytes)
                .flip();
    }

    private @Nullable LogEntryProto decode(ByteBuffer attachment) throws IOException {
        if (attachment.remaining() < 3) {
            throw unreadable(null);
        }
        byte version = attachment.get();
        if (version != VERSION) {
            throw new StorageException.Refused(
                    "Group '" + group.name() + "' was written by a newer mooring-engine-ratis" + " (version " + version
                            + " of its attachment; this one reads " + VERSION + "). Use that one");
        }
        int length = Short.toUnsignedInt(attachment.getShort());
        if (length > attachment.remaining()) {
            throw unreadable(null);
        }
        String owner = StandardCharsets.UTF_8
                .decode(attachment.slice(attachment.position(), length))
                .toString();
        if (!owner.equals(serverId)) {
            throw new StorageException.Refused("Group '" + group.name() + "' was written by server '" + owner
                    + "', but this is server '" + serverId
                    + "'. With another server's vote and log this one could break"
                    + " its promises; give it a directory of its own");
        }
        attachment.position(attachment.position() + length);
        if (!attachment.hasRemaining()) {
            return null;
        }
        try {
            LogEntryProto entry = LogEntryProto.parseFrom(attachment);
            if (entry.hasConfigurationEntry()) {
                return entry;
            }
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(e);
        }
        throw unreadable(null);
    }

    private StorageException.Corrupted unreadable(@Nullable Exception cause) {
        String message = "Group '" + group.name() + "': its attachment is not one that this adapter wrote. If another"
                + " program wrote to the directory, rebuild this server from its peers; only where no majority is whole, put back a backup";
        return cause == null ? new StorageException.Corrupted(message) : new StorageException.Corrupted(message, cause);
    }
}
