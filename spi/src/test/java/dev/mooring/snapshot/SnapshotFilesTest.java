// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a snapshot goes through: staged, published, read, verified, removed. */
class SnapshotFilesTest extends SnapshotTest {

    @Test
    void whatWasSavedIsLoaded() throws IOException {
        byte[] large = bytes(1, 3 * Blocks.BLOCK_BYTES + 17);
        StagedSnapshot staged = snapshots.stage("g");
        fill(staged, "large", large);
        fill(staged, "empty", new byte[0]);
        fill(staged, "Small", bytes(2, 5));
        staged.configuration(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(staged.bytes()).isEqualTo(large.length + 5);
        SnapshotPointer pointer = publish(staged, 10, 2, 7);

        for (SnapshotFiles files : List.of(snapshots, reopened())) {
            assertThat(files.published("g")).containsExactly(pointer);
            files.verify("g", pointer);
            try (PublishedSnapshot snapshot = files.open("g", pointer)) {
                assertThat(snapshot.index()).isEqualTo(10);
                assertThat(snapshot.term()).isEqualTo(2);
                assertThat(snapshot.configuration()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                assertThat(snapshot.files().keySet()).containsExactly("Small", "empty", "large");
                assertThat(read(snapshot, "large")).isEqualTo(large);
                assertThat(read(snapshot, "empty")).isEmpty();
                assertThat(read(snapshot, "Small")).isEqualTo(bytes(2, 5));
                assertThat(snapshot.read("empty", 0, ByteBuffer.allocate(1))).isEqualTo(-1);
            }
        }
    }

    /** A storage on which groups come and go for years must not remember each. */
    @Test
    void nothingIsRememberedOfADroppedGroup() throws IOException {
        for (int i = 0; i < 20; i++) {
            String group = "group-" + i;
            StagedSnapshot left = snapshots.stage(group);
            publish(snapshots.stage(group), 1, 1, 1);
            snapshots.drop(group).run();
            StagedSnapshot next = snapshots.stage(group); // of a new group of this name
            left.discard();
            fill(next, "state", bytes(1, 5));
            SnapshotPointer pointer = publish(next, 2, 1, 2);
            assertThat(snapshots.published(group)).containsExactly(pointer);
            snapshots.drop(group).run();
        }
        assertThat(snapshots.known()).isZero();
    }

    @Test
    void aSnapshotMayHaveNeitherFilesNorConfiguration() throws IOException {
        SnapshotPointer pointer = publish(snapshots.stage("g"), 0, 0, 0);
        snapshots.verify("g", pointer);
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer)) {
            assertThat(snapshot.files()).isEmpty();
            assertThat(snapshot.configuration()).isNull();
        }
    }

    @Test
    void anyPositionOfAFileIsRead() throws IOException {
        byte[] content = bytes(3, 5 * Blocks.BLOCK_BYTES + 1000);
        StagedSnapshot staged = snapshots.stage("g");
        fill(staged, "data", content);
        SnapshotPointer pointer = publish(staged, 1, 1, 1);
        Random random = new Random(4);
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer)) {
            for (int i = 0; i < 300; i++) {
                int position = random.nextInt(content.length + 10);
                ByteBuffer target = ByteBuffer.allocate(random.nextInt(i % 3 == 0 ? content.length : 3000) + 1);
                int count = snapshot.read("data", position, target);
                int expected = Math.min(content.length - position, target.capacity());
                assertThat(count).isEqualTo(expected <= 0 ? -1 : expected);
                assertThat(target.flip())
                        .isEqualTo(ByteBuffer.wrap(content, Math.min(position, content.length), Math.max(0, expected)));
            }
        }
    }

    @Test
    void chunksComeInAnyOrderAndOverlap() throws IOException {
        Random random = new Random(5);
        for (int round = 0; round < 60; round++) {
            StagedSnapshot staged = snapshots.stage("g");
            int length = 1 + random.nextInt(9 * Blocks.BLOCK_BYTES);
            Map<String, byte[]> contents = Map.of("a", new byte[length], "b", new byte[length], "c", new byte[length]);
            Map<String, int[]> ends = Map.of("a", new int[1], "b", new int[1], "c", new int[1]);
            for (int chunk = 0; chunk < 40; chunk++) {
                String name = String.valueOf((char) ('a' + random.nextInt(3)));
                int[] end = ends.get(name);
                int position = switch (random.nextInt(4)) {
                    case 0 -> random.nextInt(length);
                    case 1 -> random.nextInt(length) / Blocks.BLOCK_BYTES * Blocks.BLOCK_BYTES;
                    default -> end[0] == length ? 0 : end[0];
                };
                byte[] bytes = bytes(chunk, random.nextInt(length - position + 1));
                if (bytes.length == 0) {
                    continue;
                }
                System.arraycopy(bytes, 0, contents.get(name), position, bytes.length);
                end[0] = Math.max(end[0], position + bytes.length);
                staged.write(name, position, ByteBuffer.wrap(bytes));
            }
            SnapshotPointer pointer = publish(staged, round, 1, round);
            snapshots.verify("g", pointer);
            try (PublishedSnapshot snapshot = snapshots.open("g", pointer)) {
                for (String name : snapshot.files().keySet()) {
                    byte[] expected = Arrays.copyOf(contents.get(name), ends.get(name)[0]);
                    assertThat(read(snapshot, name))
                            .as("round %d, file %s", round, name)
                            .isEqualTo(expected);
                }
            }
            snapshots.remove("g", pointer);
        }
    }

    @Test
    void bytesWrittenOneByOneAreTheSame() throws IOException {
        byte[] content = bytes(7, Buffers.BUFFER_BYTES + Blocks.BLOCK_BYTES + 3);
        StagedSnapshot staged = snapshots.stage("g");
        try (OutputStream out = staged.newFile("data")) {
            for (int i = 0; i < content.length; i++) {
                out.write(content[i]);
                if (i == 70_000) {
                    staged.write("data", 5, ByteBuffer.wrap(content, 5, 3));
                    staged.write("data", 69_990, ByteBuffer.wrap(content, 69_990, 11));
                }
            }
        }
        SnapshotPointer pointer = publish(staged, 1, 1, 1);
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer);
                InputStream in = snapshot.open("data")) {
            for (int i = 0; i < content.length; i++) {
                if (in.read() != (content[i] & 0xff)) {
                    throw new AssertionError("byte " + i);
                }
            }
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void gapsReadAsZerosAlsoWhereAFileHasMoreThanAPageOfChecksums() throws IOException {
        long far = Blocks.BLOCKS_PER_PAGE * (long) Blocks.BLOCK_BYTES + 3 * Blocks.BLOCK_BYTES + 5;
        byte[] content = bytes(8, 1000);
        StagedSnapshot staged = snapshots.stage("g");
        staged.write("data", far, ByteBuffer.wrap(content));
        staged.write("data", 7, ByteBuffer.wrap(content));
        SnapshotPointer pointer = publish(staged, 1, 1, 1);
        snapshots.verify("g", pointer);
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer);
                InputStream in = snapshot.open("data")) {
            assertThat(snapshot.files()).containsExactly(Map.entry("data", far + 1000));
            assertThat(in.readNBytes(1010))
                    .startsWith(0, 0, 0, 0, 0, 0, 0, content[0])
                    .endsWith(content[999], 0, 0, 0);
            assertThat(in.skip(far - 1010 - 3)).isEqualTo(far - 1010 - 3);
            assertThat(in.available()).isEqualTo(1003);
            assertThat(in.readAllBytes())
                    .startsWith(0, 0, 0, content[0])
                    .endsWith(content[999])
                    .hasSize(1003);
            assertThat(in.skip(1)).isZero();
        }
        Path file = root.resolve("g/1-1-1/data");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}), far / 2);
        }
        assertThatThrownBy(() -> snapshots.verify("g", pointer))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining("at offset " + far / 2 / Blocks.BLOCK_BYTES * Blocks.BLOCK_BYTES);
    }

    @Test
    void nothingIsSeenBeforeItIsPublishedAndNothingIsLeftOfWhatIsNot() throws IOException { // SNAP-5
        StagedSnapshot staged = snapshots.stage("g");
        fill(staged, "data", bytes(1, 100_000));
        staged.seal(5, 1, 1);
        assertThat(snapshots.published("g")).isEmpty();
        staged.discard();
        staged.discard();
        assertThat(paths(root)).isEmpty();
        assertThat(snapshots.groups()).isEmpty();
        assertThat(undeleted).isEmpty();
    }

    @Test
    void theNewestComesFirst() throws IOException {
        List<SnapshotPointer> order = List.of(
                new SnapshotPointer(20, 3, false, 2),
                new SnapshotPointer(20, 3, false, 1),
                new SnapshotPointer(20, 2, false, 9),
                new SnapshotPointer(9, 8, false, 10));
        for (int i : new int[] {2, 0, 3, 1}) {
            SnapshotPointer pointer = order.get(i);
            publish(snapshots.stage("g"), pointer.index(), pointer.term(), pointer.id());
        }
        assertThat(snapshots.published("g")).isEqualTo(order);
    }

    @Test
    void aReaderOutlivesRemovalAndDrop() throws IOException {
        byte[] content = bytes(6, 200_000);
        for (boolean drop : new boolean[] {false, true}) {
            StagedSnapshot staged = snapshots.stage("g");
            fill(staged, "data", content);
            fill(staged, "unopened", content);
            SnapshotPointer pointer = publish(staged, 1, 1, 1);
            PublishedSnapshot one = snapshots.open("g", pointer);
            PublishedSnapshot two = snapshots.open("g", pointer);
            InputStream begun = one.open("data");
            assertThat(begun.read()).isEqualTo(content[0] & 0xff);
            snapshots.remove("g", pointer);
            if (drop) {
                snapshots.drop("g").run();
            }
            assertThat(snapshots.published("g")).isEmpty();
            assertThatThrownBy(() -> snapshots.open("g", pointer)).isInstanceOf(StorageException.Corrupted.class);
            assertThat(begun.readAllBytes()).hasSize(content.length - 1);
            one.close();
            assertThat(read(two, "unopened")).isEqualTo(content);
            two.close();
            snapshots.removeLeftovers(Map.of());
            assertThat(paths(root)).isEmpty();
        }
        assertThat(undeleted).isEmpty();
    }

    @Test
    void leftoversGoAndTheRestStays() throws IOException {
        snapshots.stage("g").newFile("unfinished").write(1);
        SnapshotPointer kept = publish(snapshots.stage("g"), 1, 1, 1);
        SnapshotPointer newer = publish(snapshots.stage("g"), 2, 1, 2);
        publish(snapshots.stage("dropped"), 2, 1, 3);
        Files.createDirectories(root.resolve("h.dropped-9/1-1-1/data"));
        Files.createDirectories(root.resolve("g/removed-4/data"));
        SnapshotFiles restarted = reopened();
        assertThat(restarted.published("g")).containsExactly(newer, kept);
        restarted.removeLeftovers(Map.of("g", Set.of(kept)));
        assertThat(paths(root)).containsExactlyInAnyOrder("g", "g/1-1-1", "g/1-1-1/.manifest");
        restarted.verify("g", kept);
    }
}
