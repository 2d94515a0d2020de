// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.RaftGroup;
import dev.mooring.RaftStorage;
import dev.mooring.Snapshot;
import dev.mooring.SnapshotWriter;
import dev.mooring.TermAndVote;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** SNAP, as the core keeps it: when a snapshot counts, and what it does to the log. */
abstract class CoreSnapRules extends CoreRules {

    private static final int DAMAGED_BYTES = 40;

    CoreSnapRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.SNAP_3)
    void aSnapshotOfTheSameTermKeepsWhatFollows() throws IOException {
        RaftStorage storage = open();
        snapshot(filled(storage, "own", 9, 2), 6, 2, null);
        filled(storage, "recorded", 9, 2).recordSnapshot(6, 2);
        RaftStorage again = reopened(storage);
        logIs(again.group("own"), 1, 9);
        logIs(again.group("recorded"), 1, 9);
    }

    @Verifies(Rule.SNAP_3)
    void aSnapshotOfAnotherTermDiscardsTheLog() throws IOException {
        RaftStorage storage = open();
        RaftGroup own = filled(storage, "own", 9, 2);
        snapshot(own, 6, 3, new TermAndVote(3, null));
        RaftGroup recorded = filled(storage, "recorded", 9, 2);
        recorded.saveEntries(new TermAndVote(3, null), List.of());
        recorded.recordSnapshot(6, 3);
        logIs(own, 7, 6);
        RaftStorage again = reopened(storage);
        logIs(again.group("own"), 7, 6);
        logIs(again.group("recorded"), 7, 6);
        again.group("own").saveEntries(null, entries(7, 8, 3));
        logIs(reopened(again).group("own"), 7, 8);
    }

    @Verifies(Rule.SNAP_3)
    void aSnapshotAheadOfTheLogDiscardsIt() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 9, 2);
        snapshot(group, 20, 2, null);
        logIs(group, 21, 20);
        Check.equal(2L, group.term(20), "the term at the snapshot's index");
        RaftStorage again = reopened(storage);
        again.group("g").saveEntries(null, entries(21, 22, 2));
        logIs(again.group("g"), 21, 22);
    }

    @Verifies(Rule.SNAP_4)
    void anOlderSnapshotDoesNotReplaceANewerOne() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 9, 2);
        snapshot(group, 6, 2, null);
        snapshot(group, 4, 2, null);
        group.recordSnapshot(5, 2);
        newestIs(group, 6, 2, false);
        contentIsOf(group, 6);
        newestIs(reopened(storage).group("g"), 6, 2, false);
    }

    @Verifies(Rule.SNAP_4)
    void oneOfEqualIndexAndTermReplacesIt() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 9, 2);
        snapshot(group, 6, 2, null);
        SnapshotPointer before = Objects.requireNonNull(group.snapshot());
        snapshot(group, 6, 2, null);
        SnapshotPointer after = Objects.requireNonNull(group.snapshot());
        Check.that(before.id() != after.id(), () -> "the second snapshot at 6 has the same id as the first: " + after);
        contentIsOf(group, 6);
        contentIsOf(reopened(storage).group("g"), 6);
    }

    @Verifies(Rule.SNAP_5)
    void aSourceThatFailsLeavesNoTrace() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = filled(storage, "g", 9, 2);
        snapshot(group, 4, 2, null);
        long bytes = Trees.bytes(storageDirectory().resolve("snapshots"));
        try (SnapshotWriter writer = group.newSnapshot()) {
            OutputStream out = writer.newFile("data");
            out.write(WholeStorage.snapshotBytes(8));
            throw new IOException("the source fails");
        } catch (IOException e) {
            Check.that("the source fails".equals(e.getMessage()), () -> "closing a snapshot that failed threw " + e);
        }
        newestIs(group, 4, 2, false);
        contentIsOf(group, 4);
        Check.equal(bytes, Trees.bytes(storageDirectory().resolve("snapshots")), "the space that snapshots take");
        snapshot(group, 8, 2, null);
        contentIsOf(reopened(storage).group("g"), 8);
    }

    @Verifies(Rule.SNAP_6)
    void everyChangedByteIsFoundAtLoad() throws IOException {
        RaftStorage storage = open();
        RaftGroup group = storage.group("g");
        snapshot(group, 30, 4, new TermAndVote(4, null));
        storage.close();
        Random random = new Random(settings().seed());
        for (Path file : files(storageDirectory().resolve("snapshots"))) {
            byte[] whole = Files.readAllBytes(file);
            for (int i = 0; i < settings().effort().cases(DAMAGED_BYTES); i++) {
                int at = i < 4 ? Math.min(i, whole.length - 1) : random.nextInt(whole.length);
                byte[] damaged = whole.clone();
                damaged[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, damaged);
                isNotLoaded("after byte " + at + " of " + file + " was changed");
            }
            Files.write(file, Arrays.copyOf(whole, whole.length - 1));
            isNotLoaded("after the last byte of " + file + " was cut off");
            Files.delete(file);
            isNotLoaded("after " + file + " was deleted");
            Files.write(file, whole);
        }
        contentIsOf(open().group("g"), 30);
    }

    private void isNotLoaded(String after) throws IOException {
        try (RaftStorage storage = RaftStorage.open(config())) {
            RaftGroup group = storage.group("g");
            throw Check.fail(after + ", the group opens with the snapshot " + group.snapshot());
        } catch (StorageException.Corrupted found) {
            heard(found);
        }
    }

    @Verifies(Rule.SNAP_7)
    void aRecordedSnapshotIsKept() throws IOException {
        RaftStorage storage = open();
        RaftGroup inside = filled(storage, "inside", 9, 2);
        inside.recordSnapshot(6, 2);
        RaftGroup ahead = filled(storage, "ahead", 9, 2);
        ahead.recordSnapshot(20, 2);
        RaftGroup unknown = filled(storage, "unknown", 9, 2);
        unknown.recordSnapshot(7, RaftStorage.UNKNOWN_TERM);
        RaftGroup unknownAhead = filled(storage, "unknown-ahead", 9, 2);
        unknownAhead.recordSnapshot(30, RaftStorage.UNKNOWN_TERM);
        RaftStorage again = reopened(storage);
        newestIs(again.group("inside"), 6, 2, true);
        newestIs(again.group("ahead"), 20, 2, true);
        newestIs(again.group("unknown-ahead"), 30, RaftStorage.UNKNOWN_TERM, true);
        logIs(again.group("inside"), 1, 9);
        logIs(again.group("ahead"), 21, 20);
        logIs(again.group("unknown"), 1, 9);
        logIs(again.group("unknown-ahead"), 31, 30);
        Check.that(again.group("inside").openSnapshot() == null, () -> "a recorded snapshot can be opened");
    }

    private static void newestIs(RaftGroup group, long index, long term, boolean external) {
        @Nullable SnapshotPointer newest = group.snapshot();
        Check.that(
                newest != null && newest.index() == index && newest.term() == term && newest.external() == external,
                () -> "the newest snapshot is " + newest + " instead of one at " + index + " of term " + term);
    }

    private static void contentIsOf(RaftGroup group, long index) throws IOException {
        try (Snapshot snapshot = group.openSnapshot()) {
            Check.that(
                    snapshot != null && snapshot.index() == index,
                    () -> "the snapshot at " + index + " can not be" + " opened");
            try (InputStream in = Objects.requireNonNull(snapshot).open(SnapshotWriter.DEFAULT_FILE)) {
                Check.that(
                        Arrays.equals(WholeStorage.snapshotBytes(index), in.readAllBytes()),
                        () -> "the snapshot at " + index + " gives other bytes than were written");
            }
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> found = Files.walk(directory)) {
            return found.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
