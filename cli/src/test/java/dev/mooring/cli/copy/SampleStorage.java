// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.copy;

import dev.mooring.LogEntry;
import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.SnapshotWriter;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A storage with every kind of group there is. */
public final class SampleStorage {

    private SampleStorage() {}

    public static void fill(StorageConfig config, int entries) throws IOException {
        Random random = new Random(11);
        try (RaftStorage storage = RaftStorage.open(config)) {
            RaftGroup fromZero = storage.group("from-zero");
            fromZero.saveEntries(new TermAndVote(3, "n1"), run(random, 0, entries, 3));
            fromZero.commitIndex(entries / 2);

            RaftGroup manyTerms = storage.group("Many.Terms");
            for (int term = 1; term <= 40; term++) {
                manyTerms.saveEntries(new TermAndVote(term, null), run(random, 10L * term - 9, 10L * term, term));
            }
            manyTerms.attach(ByteBuffer.wrap("members: n1, n2, n3".getBytes(StandardCharsets.UTF_8)));

            RaftGroup snapshotted = storage.group("snapshotted");
            snapshotted.saveEntries(new TermAndVote(2, ""), run(random, 1, 500, 2));
            snapshot(snapshotted, 200, 2, random);
            snapshot(snapshotted, 400, 2, random);
            snapshotted.releaseLock(400);

            RaftGroup installed = storage.group("installed");
            installed.saveEntries(new TermAndVote(9, "n2"), List.of());
            snapshot(installed, 70_000, 8, random);

            RaftGroup caughtUp = storage.group("caught-up"); // by a snapshot from the leader, beyond its own log
            caughtUp.saveEntries(new TermAndVote(4, null), run(random, 1, 50, 3));
            snapshot(caughtUp, 20, 3, random);
            snapshot(caughtUp, 40, 3, random);
            snapshot(caughtUp, 900, 4, random);
            caughtUp.saveEntries(null, run(random, 901, 950, 4));
            snapshot(caughtUp, 940, 4, random);

            RaftGroup mixed = storage.group("mixed"); // its own snapshot after one of the engine's
            mixed.saveEntries(new TermAndVote(2, "n3"), run(random, 1, 90, 2));
            mixed.recordSnapshot(30, 2);
            mixed.releaseLock(30);
            snapshot(mixed, 60, 2, random);
            mixed.attach(ByteBuffer.wrap(new byte[1000]));

            RaftGroup external = storage.group("external");
            external.saveEntries(new TermAndVote(5, null), run(random, 1, 300, 5));
            external.recordSnapshot(250, 5);
            external.releaseLock(100);

            RaftGroup released = storage.group("released");
            released.saveEntries(new TermAndVote(5, null), run(random, 1, 30, 5));
            released.recordSnapshot(30, RaftStorage.UNKNOWN_TERM);
            released.releaseLock(30);

            RaftGroup truncated = storage.group("truncated");
            truncated.saveEntries(new TermAndVote(1, null), run(random, 1, 5, 1));
            truncated.truncateFrom(1);

            storage.group("voted-only").saveEntries(new TermAndVote(7, "n3"), List.of());
            storage.group("large").saveEntries(null, List.of(LogEntry.of(1, 0, new byte[3 << 20])));
        }
    }

    private static void snapshot(RaftGroup group, long index, long term, Random random) throws IOException {
        try (SnapshotWriter writer = group.newSnapshot()) {
            for (String name : List.of("data", "index")) {
                byte[] bytes = new byte[random.nextInt(200_000)];
                random.nextBytes(bytes);
                try (OutputStream file = writer.newFile(name)) {
                    file.write(bytes);
                }
            }
            writer.configuration(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            writer.commit(index, term);
        }
    }

    private static List<LogEntry> run(Random random, long first, long last, long term) {
        List<LogEntry> entries = new ArrayList<>();
        for (long index = first; index <= last; index++) {
            byte[] payload = new byte[random.nextInt(300)];
            random.nextBytes(payload);
            entries.add(LogEntry.of(index, term, payload));
        }
        return entries;
    }
}
