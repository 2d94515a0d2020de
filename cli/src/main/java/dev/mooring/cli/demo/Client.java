// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.demo;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.retry.ExponentialBackoffRetry;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.util.TimeDuration;

/** Ratis' client, set up for servers that die and come back, and the reads and snapshots that the story needs. */
final class Client {

    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(5);
    private static final Duration SNAPSHOT_LIMIT = Duration.ofSeconds(30);
    private static final Duration BACK_OFF_MIN = Duration.ofMillis(20);
    private static final Duration BACK_OFF_MAX = Duration.ofMillis(250);
    private static final int MAX_ATTEMPTS = 1_000; // minutes; the demonstration gives up before

    private Client() {}

    static RaftClient connect(Members members, String leader, int outstanding) {
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.GRPC);
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, time(REQUEST_LIMIT));
        RaftClientConfigKeys.Async.setOutstandingRequestsMax(properties, outstanding + 1);
        return RaftClient.newBuilder()
                .setProperties(properties)
                .setRaftGroup(members.group())
                .setLeaderId(Members.peerId(leader))
                .setRetryPolicy(ExponentialBackoffRetry.newBuilder()
                        .setBaseSleepTime(time(BACK_OFF_MIN))
                        .setMaxSleepTime(time(BACK_OFF_MAX))
                        .setMaxAttempts(MAX_ATTEMPTS)
                        .build())
                .build();
    }

    /** Makes one server take a snapshot, and answers up to which index. */
    static long takeSnapshot(RaftClient client, String id) throws IOException {
        RaftClientReply reply =
                client.getSnapshotManagementApi(Members.peerId(id)).create(true, SNAPSHOT_LIMIT.toMillis());
        if (!reply.isSuccess()) {
            throw new DemoFailure(id + " could not take a snapshot: " + reply.getException());
        }
        return reply.getLogIndex();
    }

    /**
     * All pairs of one server, read from it and no other.
     *
     * @param appliedIndex what it must have applied before it answers
     */
    static SortedMap<Integer, byte[]> readAll(RaftClient client, String id, long appliedIndex) throws IOException {
        SortedMap<Integer, byte[]> all = new TreeMap<>();
        int from = Integer.MIN_VALUE;
        while (true) {
            RaftClientReply reply =
                    client.io().sendStaleRead(Requests.pairsFrom(from), appliedIndex, Members.peerId(id));
            if (!reply.isSuccess()) {
                throw new DemoFailure(id + " could not be read: " + reply.getException());
            }
            SortedMap<Integer, byte[]> some;
            try (DataInputStream in = new DataInputStream(
                    new ByteArrayInputStream(reply.getMessage().getContent().toByteArray()))) {
                some = Pairs.read(in);
            }
            all.putAll(some);
            if (some.isEmpty() || some.lastKey() == Integer.MAX_VALUE) {
                return all;
            }
            from = some.lastKey() + 1;
        }
    }

    private static TimeDuration time(Duration duration) {
        return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
    }
}
