// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck.disk;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each model promises and what it does not: the contents of one file that a power cut at the end may leave. */
final class DiskModelTest {

    private static final String MISSING = "missing";

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** A disk with a durable file {@code /f} of 8,192 ones. */
    private static SimulatedDisk diskWithFile(DiskModel model) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(1, model);
        Files.write(disk.root().resolve("f"), filled(8192, 1));
        return SimulatedDisk.mount(disk.image(), 1, model);
    }

    /** What can be found of a file after a power cut at the very end: runs of equal bytes as {@code 512x1}. */
    private static Set<String> outcomes(SimulatedDisk disk, String path) {
        return outcomes(disk, path, 0);
    }

    /** The same with the power cuts that come up to so many events before the end. */
    private static Set<String> outcomes(SimulatedDisk disk, String path, int before) {
        Set<String> outcomes = new TreeSet<>();
        Recording recording = disk.recording();
        CrashSummary summary = CrashExplorer.of(recording)
                .from(recording.length() - before)
                .statesPerPosition(400)
                .explore(image -> {
                    DiskImage left = image.image();
                    synchronized (outcomes) {
                        outcomes.add(left.files().containsKey(path) ? runs(left.read(path)) : MISSING);
                    }
                    return (acked, started) -> {};
                });
        assertThat(summary.broken()).isZero();
        return outcomes;
    }

    private static String runs(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int from = 0; from < bytes.length; ) {
            int to = from;
            while (to < bytes.length && bytes[to] == bytes[from]) {
                to++;
            }
            text.append(to - from).append('x').append(bytes[from]).append(' ');
            from = to;
        }
        return text.toString().trim();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasForcedIsThere(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        try (FileChannel channel = FileChannel.open(disk.root().resolve("f"), WRITE)) {
            channel.write(ByteBuffer.wrap(filled(600, 2)), 4000);
            channel.write(ByteBuffer.wrap(filled(10, 3)), 9000);
            channel.force(false);
        }
        assertThat(outcomes(disk, "/f")).containsExactly("4000x1 600x2 3592x1 808x0 10x3");
    }

    @ParameterizedTest
    @EnumSource
    void anUnforcedOverwriteIsTornAtSectorsAndNowhereElse(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        try (FileChannel channel = FileChannel.open(disk.root().resolve("f"), WRITE)) {
            channel.write(ByteBuffer.wrap(filled(1024, 2)), 256);
        }
        // sectors 0, 1 and 2 of the first page hold 256, 512 and 256 of the new bytes: eight ways
        assertThat(outcomes(disk, "/f"))
                .containsExactlyInAnyOrder(
                        "8192x1",
                        "256x1 256x2 7680x1",
                        "512x1 512x2 7168x1",
                        "1024x1 256x2 6912x1",
                        "256x1 768x2 7168x1",
                        "512x1 768x2 6912x1",
                        "256x1 256x2 512x1 256x2 6912x1",
                        "256x1 1024x2 6912x1");
    }

    @ParameterizedTest
    @EnumSource
    void anUnforcedOverwriteNeverComesBackAsItWasInBetween(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        try (FileChannel channel = FileChannel.open(disk.root().resolve("f"), WRITE)) {
            channel.write(ByteBuffer.wrap(filled(100, 2)), 0);
            channel.write(ByteBuffer.wrap(filled(100, 3)), 100);
        }
        // the second write went into the cached sector that had the first one in it already
        assertThat(outcomes(disk, "/f")).containsExactlyInAnyOrder("8192x1", "100x2 8092x1", "100x2 100x3 7992x1");
    }

    @Test
    void strictLengthLeadsOrLagsBehindTheData() throws IOException {
        SimulatedDisk disk = diskWithFile(DiskModel.STRICT);
        Files.write(disk.root().resolve("f"), filled(512, 2), APPEND);
        assertThat(outcomes(disk, "/f")).containsExactlyInAnyOrder("8192x1", "8192x1 512x0", "8192x1 512x2");
    }

    @Test
    void journalledLengthNeverCoversUnwrittenData() throws IOException {
        SimulatedDisk disk = diskWithFile(DiskModel.JOURNALLED);
        Files.write(disk.root().resolve("f"), filled(512, 2), APPEND);
        Files.write(disk.root().resolve("f"), filled(5000, 3), APPEND);
        assertThat(outcomes(disk, "/f"))
                .containsExactlyInAnyOrder("8192x1", "8192x1 512x2", "8192x1 512x2 3584x3", "8192x1 512x2 5000x3");
    }

    @ParameterizedTest
    @EnumSource
    void aNewFileNeedsItsDirectory(DiskModel model) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(1, model);
        try (FileChannel channel = FileChannel.open(disk.root().resolve("f"), CREATE, WRITE)) {
            channel.write(ByteBuffer.wrap(filled(5, 4)));
            channel.force(true);
        }
        if (model == DiskModel.STRICT) {
            assertThat(outcomes(disk, "/f")).containsExactlyInAnyOrder(MISSING, "5x4");
        } else {
            assertThat(outcomes(disk, "/f")).containsExactly("5x4");
        }
        StableFile.forceDirectory(disk.root());
        assertThat(outcomes(disk, "/f")).containsExactly("5x4");
    }

    @ParameterizedTest
    @EnumSource
    void aNewDirectoryIsLostWithAllThatIsInItUnlessItsParentIsForced(DiskModel model) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(1, model);
        Path directory = Files.createDirectory(disk.root().resolve("d"));
        Files.write(directory.resolve("f"), filled(5, 4));
        StableFile.forceDirectory(directory);
        if (model == DiskModel.STRICT) {
            assertThat(outcomes(disk, "/d/f")).contains(MISSING);
        } else {
            assertThat(outcomes(disk, "/d/f")).doesNotContain(MISSING);
        }
        StableFile.forceDirectory(disk.root());
        assertThat(outcomes(disk, "/d/f")).doesNotContain(MISSING);
    }

    @ParameterizedTest
    @EnumSource
    void aRenameIsAtomicAndBringsTheOldFileOrTheNewOne(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        Path target = disk.root().resolve("f");
        Path temporary = disk.root().resolve("t");
        try (FileChannel channel = FileChannel.open(temporary, CREATE, WRITE)) {
            channel.write(ByteBuffer.wrap(filled(7, 7)));
            channel.force(true);
        }
        Files.move(temporary, target, ATOMIC_MOVE);
        assertThat(outcomes(disk, "/f")).containsExactlyInAnyOrder("8192x1", "7x7");
        StableFile.forceDirectory(disk.root());
        assertThat(outcomes(disk, "/f")).containsExactly("7x7");
        assertThat(outcomes(disk, "/t")).containsExactly(MISSING);
    }

    @ParameterizedTest
    @EnumSource
    void aMoveThatReplacesWithoutBeingAtomicCanLoseBoth(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        Path temporary = Files.write(disk.root().resolve("t"), filled(7, 7));
        Files.move(temporary, disk.root().resolve("f"), REPLACE_EXISTING);
        assertThat(outcomes(disk, "/f")).contains(MISSING, "8192x1", "7x7");
    }

    @ParameterizedTest
    @EnumSource
    void aRenameBeforeItsBytesAreForcedLeavesAnEmptyFile(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        Path temporary = Files.write(disk.root().resolve("t"), filled(7, 7));
        StableFile.rename(temporary, disk.root().resolve("f"));
        assertThat(outcomes(disk, "/f")).contains("").doesNotContain("8192x1");
    }

    @Test
    void strictNamesAreLostOneByOneAndJournalledOnesInOrder() throws IOException {
        for (DiskModel model : DiskModel.values()) {
            SimulatedDisk disk = SimulatedDisk.create(1, model);
            Files.createFile(disk.root().resolve("a"));
            Files.createFile(disk.root().resolve("b"));
            Set<String> trees = new TreeSet<>();
            CrashExplorer.of(disk.recording()).from(2).explore(image -> {
                trees.add(image.image().files().keySet().toString());
                return (acked, started) -> {};
            });
            if (model == DiskModel.STRICT) {
                assertThat(trees).containsExactlyInAnyOrder("[]", "[/a]", "[/b]", "[/a, /b]");
            } else {
                assertThat(trees).containsExactlyInAnyOrder("[]", "[/a]", "[/a, /b]");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterAFailedForceALaterOneDoesNotBringThePagesBack(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        try (FileChannel channel = FileChannel.open(disk.root().resolve("f"), WRITE)) {
            channel.write(ByteBuffer.wrap(filled(512, 2)), 0);
            disk.inject(Fault.once(Operation.FORCE, 1, Failure.EIO));
            assertThatThrownBy(() -> channel.force(false)).hasMessage("Input/output error");
            channel.write(ByteBuffer.wrap(filled(512, 3)), 4096);
            channel.force(false);
            assertThat(outcomes(disk, "/f"))
                    .as("the page of the failed force is lost or not, the later one is there")
                    .containsExactlyInAnyOrder("4096x1 512x3 3584x1", "512x2 3584x1 512x3 3584x1");

            channel.write(ByteBuffer.wrap(filled(512, 4)), 1024);
            channel.force(false);
            assertThat(outcomes(disk, "/f"))
                    .as("a page that is written again goes out with all that is in it")
                    .containsExactly("512x2 512x1 512x4 2560x1 512x3 3584x1");
        }
    }

    @Test
    void afterAFailedForceOfADirectoryALaterOneDoesNotBringTheNamesBack() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(1, DiskModel.STRICT);
        Files.createFile(disk.root().resolve("f"));
        disk.inject(Fault.once(Operation.FORCE_DIRECTORY, 1, Failure.EIO));
        assertThatThrownBy(() -> StableFile.forceDirectory(disk.root())).hasMessageEndingWith("Input/output error");
        StableFile.forceDirectory(disk.root());
        assertThat(outcomes(disk, "/f")).contains(MISSING);
        Files.createFile(disk.root().resolve("g"));
        StableFile.forceDirectory(disk.root());
        assertThat(outcomes(disk, "/f")).doesNotContain(MISSING);
    }

    @ParameterizedTest
    @EnumSource
    void aSynchronousWriteIsDurableWithItsLength(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        Path file = disk.root().resolve("f");
        try (FileChannel plain = FileChannel.open(file, WRITE);
                FileChannel synced = FileChannel.open(file, WRITE, DSYNC)) {
            plain.write(ByteBuffer.wrap(filled(512, 2)), 0);
            synced.write(ByteBuffer.wrap(filled(512, 3)), 8192);
        }
        assertThat(outcomes(disk, "/f"))
                .as("the other page is at risk still")
                .containsExactlyInAnyOrder("8192x1 512x3", "512x2 7680x1 512x3");
    }

    @ParameterizedTest
    @EnumSource
    void aSynchronousWriteIsTornLikeAnyOther(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        try (FileChannel synced = FileChannel.open(disk.root().resolve("f"), WRITE, DSYNC)) {
            synced.write(ByteBuffer.wrap(filled(1024, 2)), 0);
        }
        assertThat(outcomes(disk, "/f")).containsExactly("1024x2 7168x1");
        assertThat(outcomes(disk, "/f", 1))
                .containsExactlyInAnyOrder("8192x1", "512x2 7680x1", "512x1 512x2 7168x1", "1024x2 7168x1");
    }

    /** As after a failed force: it is in the page cache, and no later force brings it to the disk. */
    @ParameterizedTest
    @EnumSource
    void whatAFailedSynchronousWriteLeavesIsNotBroughtToTheDiskByALaterForce(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        Path file = disk.root().resolve("f");
        disk.inject(Fault.once(Operation.FORCE, 1, Failure.EIO));
        try (FileChannel synced = FileChannel.open(file, WRITE, DSYNC);
                FileChannel plain = FileChannel.open(file, WRITE)) {
            assertThatThrownBy(() -> synced.write(ByteBuffer.wrap(filled(512, 2)), 0))
                    .hasMessageEndingWith("Input/output error");
            plain.force(false);
        }
        assertThat(disk.image().read("/f")).startsWith(filled(512, 2));
        assertThat(outcomes(disk, "/f")).containsExactlyInAnyOrder("8192x1", "512x2 7680x1");
    }

    @ParameterizedTest
    @EnumSource
    void whatAForcedTruncationCutOffNeverComesBack(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        try (FileChannel channel = FileChannel.open(disk.root().resolve("f"), WRITE)) {
            channel.write(ByteBuffer.wrap(filled(100, 2)), 6000);
            channel.truncate(100);
            assertThat(outcomes(disk, "/f")).contains("8192x1", "100x1");
            channel.force(false);
            assertThat(outcomes(disk, "/f")).containsExactly("100x1");
            channel.write(ByteBuffer.wrap(filled(1, 3)), 6500);
            channel.force(false);
            assertThat(outcomes(disk, "/f")).containsExactly("100x1 6400x0 1x3");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKilledProcessLosesNothingThatCanBeReadButItsForcesAreStillOwed(DiskModel model) throws IOException {
        SimulatedDisk disk = diskWithFile(model);
        try (FileChannel channel = FileChannel.open(disk.root().resolve("f"), WRITE)) {
            channel.write(ByteBuffer.wrap(filled(512, 2)), 0);
            channel.write(ByteBuffer.wrap(filled(512, 3)), 512);
        }
        SimulatedDisk next = CrashExplorer.of(disk.recording()).kill(1);
        assertThat(runs(next.image().read("/f"))).isEqualTo("512x2 7680x1");
        assertThat(outcomes(next, "/f")).containsExactlyInAnyOrder("8192x1", "512x2 7680x1");
        try (StableFile file = StableFile.open(next.root().resolve("f"), WRITE)) {
            file.force();
        }
        assertThat(outcomes(next, "/f")).containsExactly("512x2 7680x1");
    }

    @ParameterizedTest
    @EnumSource
    void everyCompleteImageIsWhatAProcessSaw(DiskModel model) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(1, model);
        Path directory = Files.createDirectory(disk.root().resolve("d"));
        Files.write(directory.resolve("a"), filled(10_000, 1));
        Files.move(directory.resolve("a"), disk.root().resolve("b"));
        StableFile.replace(directory.resolve("c"), ByteBuffer.wrap(filled(100, 5)));
        Files.delete(disk.root().resolve("b"));
        Files.write(directory.resolve("a"), filled(3, 1));
        Recording recording = disk.recording();
        assertThat(CrashExplorer.of(recording).kill(recording.length()).image().contentHash())
                .isEqualTo(disk.image().contentHash());
    }
}
