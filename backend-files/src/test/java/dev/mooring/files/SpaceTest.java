// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.GroupState;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.spi.Update;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Fault;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disk use follows what is alive (REL-3). */
class SpaceTest {

    private static final long SEGMENT = 64 << 10;
    private static final Subject.Setting SETTING = Subject.Setting.SMALL.segments(SEGMENT);

    private final SimulatedDisk disk = SimulatedDisk.create(1, DiskModel.JOURNALLED);

    private Path data() throws IOException {
        return Files.createDirectories(disk.root().resolve("data"));
    }

    /** Payload bytes that may still be read. */
    private static long live(Subject subject) {
        long bytes = 0;
        for (String group : subject.model.groups()) {
            GroupState state = subject.model.state(group);
            for (long index = state.firstIndex(); index <= state.lastIndex(); index++) {
                bytes += subject.model.entry(group, index).payloadBytes();
            }
        }
        return bytes;
    }

    private void checkSpace(Subject subject) {
        assertThat(disk.usedBytes()).isLessThan(3 * live(subject) + 4 * SEGMENT);
    }

    @Test
    void oneGroup() throws IOException {
        for (int keep : List.of(0, 20, 200)) {
            try (Subject subject = Subject.open(Files.createDirectory(data().resolve("keep-" + keep)), SETTING)) {
                long before = disk.usedBytes();
                for (int i = 0; i < 1500; i++) {
                    subject.append("g", 1 + i % 3, 300 + i % 500);
                    subject.keep("g", keep);
                    if (i % 50 == 0) {
                        assertThat(disk.usedBytes() - before).isLessThan(3 * live(subject) + 4 * SEGMENT);
                    }
                }
                subject.checkReads();
            }
        }
    }

    @Test
    void manyGroups() throws IOException {
        Random random = new Random(1);
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 1000; i++) {
                List<Update> updates = new ArrayList<>();
                for (int group = random.nextInt(3); group < 64; group += 1 + random.nextInt(12)) {
                    updates.add(subject.entries("group-" + group, 1, 200 + random.nextInt(900)));
                }
                subject.saveEntries(subject.next(), updates);
                for (Update update : updates) {
                    subject.keep(update.group(), random.nextInt(9) == 0 ? 1 : 7);
                }
                if (i % 20 == 0) {
                    checkSpace(subject);
                }
            }
            subject.checkReads();
        }
    }

    @Test
    void aSlowGroupAmongFastOnes() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 3000; i++) {
                if (i % 500 == 0) {
                    subject.append("slow", 1, 300);
                }
                subject.append("fast-" + i % 63, 1, 900);
                subject.keep("fast-" + i % 63, 1);
                if (i % 20 == 0) {
                    checkSpace(subject);
                }
            }
            subject.checkReads();
        }
        try (Subject subject = Subject.open(data(), SETTING.crashed(0))) {
            assertThat(subject.loaded.groups().get("slow").firstIndex()).isEqualTo(1);
            assertThat(subject.loaded.groups().get("slow").lastIndex()).isEqualTo(6);
        }
    }

    /** A save reads what it moves, and no more than a few times: it would wait for the rest. */
    @Test
    void whatIsMovedIsReadInFewReads() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 6000; i++) {
                if (i % 500 == 0) {
                    subject.append("slow", 1, 300);
                }
                int before = disk.calls(Operation.READ);
                subject.append("fast", 1, 100);
                assertThat(disk.calls(Operation.READ) - before).isLessThan(8);
                subject.keep("fast", 1);
            }
            subject.checkReads();
        }
    }

    /** What is known of an entry costs as much as its place in its record, also where that is short and the name is long. */
    @Test
    void manySmallEntriesOfAGroupWithALongName() throws IOException {
        String group = "a-group-with-a-name-as-long-as-a-name-may-be-0123456789-01234567";
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 8000; i++) {
                subject.append(group, 1, i % 3);
            }
            long entries = 8000L * (16 + 1);
            for (int i = 0; i < 6000; i++) {
                subject.append("fast", 1, 100);
                subject.keep("fast", 1);
                // what there is at first is there; then it is moved
                if (i > 5000 && i % 20 == 0) {
                    assertThat(disk.usedBytes()).isLessThan(3 * entries + 4 * SEGMENT);
                }
            }
            subject.checkReads();
        }
    }

    /** The names of many groups, with small entries by turns, take more than these; moving them again gains nothing. */
    @Test
    void smallEntriesOfManyGroupsAreNotMovedForEver() throws IOException {
        String name = "a-group-with-a-name-as-long-as-a-name-may-be-0123456789-01234";
        long saved = 0;
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 200 * 30; i++) {
                String group = name + 100 + i % 200;
                subject.append(group, 1, i % 3);
                saved += 16 + i % 3 + 16 + group.length(); // each has a record of its own
            }
            for (int i = 0; i < 1500; i++) {
                subject.append("fast", 1, 100);
                subject.keep("fast", 1);
            }
            assertThat(disk.usedBytes()).isLessThan(3 * saved + 4 * SEGMENT);
            long before = subject.activeSegment().ordinal;
            for (int i = 0; i < 500; i++) {
                subject.append("fast", 1, 100);
                subject.keep("fast", 1);
            }
            assertThat(subject.activeSegment().ordinal - before).isLessThan(20);
            subject.checkReads();
        }
    }

    /** Heads that small entries have are no reason to leave large ones where they are. */
    @Test
    void smallEntriesOfManyGroupsDoNotHideLargeOnesOfAnother() throws IOException {
        String name = "a-group-with-a-name-as-long-as-a-name-may-be-0123456789-01234";
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 200; i++) {
                subject.append(name + (100 + i), 1, 0);
            }
            for (int i = 0; i < 15_000; i++) {
                subject.append("fast", 1, 900);
                subject.keep("fast", 500);
                if (i % 100 == 0) {
                    assertThat(disk.usedBytes()).isLessThan(3 * (500 * 916L + 200 * 96L) + 4 * SEGMENT);
                }
            }
        }
    }

    /** Behind an old entry that is kept, crashes after a save each do not pile up segments either. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void crashesBehindASlowGroupDoNotPileUpFiles(int saves) throws IOException {
        Subject subject = Subject.open(data(), SETTING);
        for (int i = 0; i < 50; i++) {
            subject.append("fast", 1, 1000);
        }
        subject.append("slow", 1, 100);
        subject.keep("fast", 1);
        for (int i = 0; i < 40; i++) {
            for (int save = 0; save < saves; save++) {
                subject.append("g", 1, 100);
                subject.keep("g", 0);
            }
            long proven = i % 2 == 0 ? 0 : subject.model.sequence();
            disk.kill();
            subject = Subject.reopen(subject, SETTING.crashed(proven));
            subject.checkReads();
            checkSpace(subject);
        }
        subject.close();
    }

    /** A large save that may be in doubt is carried over in a file as long as it is, and not four times. */
    @ParameterizedTest
    @ValueSource(ints = {25_000, 300_000})
    void aLargeLastSaveDoesNotMakeSegmentsLarge(int savedBytes) throws IOException {
        Subject subject = Subject.open(data(), SETTING);
        subject.append("g", 1, savedBytes);
        for (int i = 0; i < 5; i++) {
            disk.kill();
            subject = Subject.reopen(subject, SETTING.crashed(0));
            checkSpace(subject);
            assertThat(subject.backend.log().segmentBytes).isEqualTo(SEGMENT);
        }
        subject.checkReads();
        subject.close();
    }

    /** After a clean end, too, segments are as long as the checkpoint wants them. */
    @Test
    void theCheckpointIsKnownAfterACleanEnd() throws IOException {
        Subject subject = Subject.open(data(), SETTING);
        for (int i = 0; i < 500; i++) {
            subject.append("group-" + i, 1, 100);
        }
        long before = subject.backend.log().segmentBytes;
        assertThat(before).isGreaterThan(SEGMENT);
        subject.close();
        subject = Subject.reopen(subject, SETTING.closed(subject.model.sequence()));
        assertThat(subject.backend.log().segmentBytes).isGreaterThanOrEqualTo(before);
        subject.close();
    }

    /** What is moved never makes a save larger than a frame may be. */
    @Test
    void theLargestSaveIsTakenBesideWhatIsMoved() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING.frames(60_000))) {
            for (int i = 0; i < 100; i++) {
                subject.append("old", 5, 2000);
            }
            for (int i = 0; i < 100; i++) {
                subject.append("fast", 1, 59_000);
                subject.keep("fast", 1);
            }
            subject.checkReads();
        }
    }

    /** Openings that are cut off before anything is saved do not pile up segments either. */
    @Test
    void openingsWithoutASaveDoNotPileUpFiles() throws IOException {
        Subject subject = Subject.open(data(), SETTING);
        subject.append("g", 5, 100);
        for (int i = 0; i < 40; i++) {
            disk.kill();
            subject = Subject.reopen(subject, SETTING.crashed(0));
            checkSpace(subject);
        }
        subject.checkReads();
        subject.close();
    }

    /** All of what is alive stands in front of all that is not: moving it gains nothing until it has passed. */
    @ParameterizedTest
    @ValueSource(ints = {900, 10_000, 17_000, 24_000, 30_000, 40_000, 60_000})
    void aLargeOldGroup(int savedBytes) throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 100; i++) {
                subject.append("old", 5, 2000);
            }
            for (int i = 0; i < 3_600_000 / savedBytes; i++) {
                subject.append("fast", 1, savedBytes);
                subject.keep("fast", 1);
                if (i % 20 == 0) {
                    checkSpace(subject);
                }
            }
            subject.checkReads();
        }
    }

    /** What was alive and is released comes back without another save. */
    @Test
    void aReleaseFreesAtOnce() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 500; i++) {
                subject.append("g", 1, 2000);
            }
            assertThat(disk.usedBytes()).isGreaterThan(1_000_000);
            subject.keep("g", 0);
            assertThat(disk.usedBytes()).isLessThan(4 * SEGMENT);
        }
    }

    @Test
    void largeSavesHaveFilesOfTheirOwn() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 60; i++) {
                subject.append("g", 1, i % 2 == 0 ? 300_000 : 500);
                subject.append("slow", 1, 200);
                subject.keep("g", 2);
                subject.keep("slow", 40);
                assertThat(disk.usedBytes()).isLessThan(3 * (live(subject) + 300_000) + 4 * SEGMENT);
            }
            subject.checkReads();
        }
        try (Subject subject = Subject.open(data(), SETTING.crashed(0))) {
            subject.picture();
        }
    }

    /** Every crash begins a segment; the ones before must not pile up. */
    @Test
    void crashesDoNotPileUpFiles() throws IOException {
        Subject subject = Subject.open(data(), SETTING);
        for (int i = 0; i < 40; i++) {
            subject.append("g", 3, 100);
            subject.keep("g", 10);
            disk.kill();
            subject = Subject.reopen(subject, SETTING.crashed(0));
            subject.checkReads();
            checkSpace(subject);
        }
        subject.close();
    }

    /** One file that can not be deleted keeps no other. */
    @Test
    void oneUndeletableFileIsAllThatStays() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            subject.append("g", 1, 2000);
            Path stuck = subject.activeSegment().path;
            disk.inject(Fault.from(Operation.DELETE, 1, Failure.EACCES)
                    .on(stuck.getFileName().toString()));
            for (int i = 0; i < 500; i++) {
                subject.append("g", 1, 2000);
            }
            subject.keep("g", 0);
            subject.append("g", 1, 2000);
            subject.keep("g", 0);
            assertThat(stuck).exists();
            assertThat(disk.usedBytes()).isLessThan(5 * SEGMENT);
            disk.heal();
            for (int i = 0; i < 100; i++) {
                subject.append("g", 1, 2000);
                subject.keep("g", 0);
            }
            checkSpace(subject);
            subject.checkReads();
        }
    }

    /** Files that can not be deleted stop neither saves nor releases. */
    @Test
    void anUndeletableFileStopsNothing() throws IOException {
        disk.inject(Fault.from(Operation.DELETE, 1, Failure.EACCES));
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 800; i++) {
                subject.append("g", 1, 2000);
                subject.keep("g", i % 100 == 0 ? 100 : 300);
            }
            subject.keep("g", 0);
            subject.append("g", 1, 2000);
            subject.checkReads();
            assertThat(disk.calls(Operation.DELETE)).isPositive();
            disk.heal();
            for (int i = 0; i < 100; i++) {
                subject.append("g", 1, 2000);
                subject.keep("g", 0);
            }
            checkSpace(subject);
        }
    }

    /** DAMAGE-1: damage is not carried on under a new checksum: the save that would move it fails. */
    @Test
    void damagedEntriesAreNotMoved() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            subject.append("slow", 10, 300);
            Path oldest = subject.activeSegment().path;
            try (StableFile file = StableFile.open(oldest, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 1000);
            }
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1000; i++) {
                            subject.append("fast", 1, 900);
                            subject.keep("fast", 1);
                        }
                    })
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining(oldest + " at offset ")
                    .hasMessageContaining("in doubt: group 'slow' entries 1..10.");
        }
    }

    /** Nor is damage that comes after the segment was read, but before all of it was moved. */
    @Test
    void entriesThatAreDamagedMeanwhileAreNotMoved() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 10; i++) {
                subject.append("slow", 10, 300);
            }
            Segment oldest = subject.activeSegment();
            long end = oldest.end;
            while (oldest.liveBytes > 20_000) { // the first of them were moved
                subject.append("fast", 1, 900);
                subject.keep("fast", 1);
            }
            assertThat(oldest.liveBytes).isPositive();
            try (StableFile file = StableFile.open(oldest.path, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), end - 200);
            }
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1000; i++) {
                            subject.append("fast", 1, 900);
                            subject.keep("fast", 1);
                        }
                    })
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining(oldest.path + " at offset ");
        }
    }

    /** With so many groups that their checkpoint decides how long segments are, files fit again all the same. */
    @Test
    void segmentsGrowInSteps() {
        long configured = 16 << 20;
        assertThat(Housekeeper.segmentBytes(configured, 100)).isEqualTo(configured);
        long bytes = 10_000_000;
        long length = Housekeeper.segmentBytes(configured, bytes);
        assertThat(length).isBetween(4 * bytes, 5 * bytes);
        int changes = 0;
        for (int i = 0; i < 1000; i++) { // a group more with each
            bytes += 60;
            long next = Housekeeper.segmentBytes(configured, bytes);
            changes += next == length ? 0 : 1;
            length = next;
        }
        assertThat(changes).isLessThanOrEqualTo(1);
    }

    /** A system that has no thread for a moment is no disk that has failed: the caller does the work. */
    @Test
    void aRoundThatCanNotBeginStopsNothing() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            ((Subject.CallerRuns) subject.background).failures = 20;
            for (int i = 0; i < 400; i++) {
                subject.append("g", 1, 2000);
                subject.keep("g", 1);
            }
            subject.checkReads();
            checkSpace(subject);
        }
    }

    /** In a steady state no file is created and none deleted. */
    @Test
    void filesAreUsedAgain() throws IOException {
        try (Subject subject = Subject.open(data(), SETTING)) {
            for (int i = 0; i < 1000; i++) {
                subject.append("g", 1, 1000);
                subject.keep("g", 50);
            }
            int created = disk.calls(Operation.CREATE);
            int renamed = disk.calls(Operation.RENAME);
            int deleted = disk.calls(Operation.DELETE);
            for (int i = 0; i < 1000; i++) {
                subject.append("g", 1, 1000);
                subject.keep("g", 50);
            }
            int manifests = disk.calls(Operation.RENAME) - renamed;
            assertThat(manifests).isLessThanOrEqualTo(2 * 1000 / 60);
            assertThat(disk.calls(Operation.CREATE) - created)
                    .as("temporary manifests only")
                    .isEqualTo(manifests);
            assertThat(disk.calls(Operation.DELETE) - deleted).isZero();
        }
    }
}
