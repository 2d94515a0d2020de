// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damage of any piece of a published snapshot is found, and never handed out: SNAP-6, DAMAGE-1, -3. */
class SnapshotDamageTest extends SnapshotTest {

    private static final int LARGE_BYTES = Blocks.BLOCK_BYTES + 100;
    private static final int NEAR_BYTES = 64;

    private final Map<String, byte[]> contents =
            Map.of("empty", new byte[0], "large", bytes(1, LARGE_BYTES), "small", bytes(2, 300));
    private SnapshotPointer pointer;
    private Path directory;

    @BeforeEach
    void publishOne() throws IOException {
        pointer = publishContents("g", 10, 3, 1);
        directory = root.resolve("g/10-3-1");
    }

    private SnapshotPointer publishContents(String group, long index, long term, long id) throws IOException {
        StagedSnapshot staged = snapshots.stage(group);
        for (Map.Entry<String, byte[]> file : contents.entrySet()) {
            fill(staged, file.getKey(), file.getValue());
        }
        staged.configuration(ByteBuffer.wrap(bytes(3, 40)));
        return publish(staged, index, term, id);
    }

    @Test
    void everyByteOfTheManifestAndTheFilesCounts() throws IOException {
        for (String name : List.of(Manifest.NAME, "small", "large")) {
            Path file = directory.resolve(name);
            byte[] good = Files.readAllBytes(file);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                for (int i = 0; i < good.length; i++) {
                    if (isTried(i, good.length)) {
                        for (int bits : new int[] {0x01, 0xff}) {
                            channel.write(ByteBuffer.wrap(new byte[] {(byte) (good[i] ^ bits)}), i);
                            checkDamageIsFound(file);
                        }
                        channel.write(ByteBuffer.wrap(good, i, 1), i);
                    }
                }
            }
        }
        snapshots.verify("g", pointer);
    }

    /**
     * Every byte, but of a file of more than one block, which takes minutes, those where a checksum begins or ends and a
     * few between; all of them in an exhaustive run. A change within 32 bits in a row always changes a CRC-32C, wherever
     * in the block it is: between its ends one byte is as good as another.
     */
    private static boolean isTried(int i, int length) {
        return length <= Blocks.BLOCK_BYTES
                || Boolean.getBoolean("mooring.tck.exhaustive")
                || i % 1021 == 0
                || i < NEAR_BYTES
                || Math.abs(i - Blocks.BLOCK_BYTES) <= NEAR_BYTES
                || i >= length - NEAR_BYTES;
    }

    @Test
    void aFileOfAnyOtherLengthIsFound() throws IOException {
        for (String name : List.of(Manifest.NAME, "small", "large", "empty")) {
            Path file = directory.resolve(name);
            byte[] good = Files.readAllBytes(file);
            for (int length = 0; length < good.length; length += name.equals("large") ? 997 : 1) {
                Files.write(file, Arrays.copyOf(good, length));
                checkDamageIsFound(file);
            }
            for (int more : new int[] {1, 4, 4096, Blocks.BLOCK_BYTES}) {
                Files.write(file, Arrays.copyOf(good, good.length + more));
                checkDamageIsFound(file);
                assertThatThrownBy(() -> snapshots.open("g", pointer)).isInstanceOf(StorageException.Corrupted.class);
            }
            Files.write(file, good);
        }
        snapshots.verify("g", pointer);
    }

    @Test
    void zeroedPiecesAreFound() throws IOException {
        for (String name : List.of(Manifest.NAME, "small", "large")) {
            Path file = directory.resolve(name);
            byte[] good = Files.readAllBytes(file);
            for (int length : new int[] {1, 16, 512, 4096, good.length}) {
                for (int from = 0; from < good.length; from += length) {
                    byte[] bad = good.clone();
                    Arrays.fill(bad, from, Math.min(good.length, from + length), (byte) 0);
                    if (Arrays.equals(bad, good) || (name.equals("large") && length < 512)) {
                        continue;
                    }
                    Files.write(file, bad);
                    checkDamageIsFound(file);
                }
            }
            Files.write(file, good);
        }
    }

    @Test
    void blocksThatChangePlacesAreFound() throws IOException {
        byte[] content = bytes(4, 3 * Blocks.BLOCK_BYTES);
        StagedSnapshot staged = snapshots.stage("g");
        fill(staged, "one", content);
        fill(staged, "two", bytes(5, 3 * Blocks.BLOCK_BYTES));
        pointer = publish(staged, 11, 3, 2);
        Path one = root.resolve("g/11-3-2/one");
        byte[] swapped = content.clone();
        System.arraycopy(content, 0, swapped, Blocks.BLOCK_BYTES, Blocks.BLOCK_BYTES);
        System.arraycopy(content, Blocks.BLOCK_BYTES, swapped, 0, Blocks.BLOCK_BYTES);
        Files.write(one, swapped);
        assertDamaged("g", pointer, one + " at offset 0");
        Path two = root.resolve("g/11-3-2/two");
        Files.write(one, content);
        swap(one, two);
        assertDamaged("g", pointer, "at offset 0");
    }

    @Test
    void filesThatChangePlacesTogetherWithTheirChecksumsAreFound() throws IOException {
        StagedSnapshot staged = snapshots.stage("g");
        fill(staged, "one", bytes(4, 1000));
        fill(staged, "two", bytes(5, 1000));
        pointer = publish(staged, 11, 3, 2);
        directory = root.resolve("g/11-3-2");
        swap(directory.resolve("one"), directory.resolve("two"));
        swapLastPages(8);
        assertDamaged("g", pointer, directory.resolve(Manifest.NAME) + " at offset");
    }

    @Test
    void piecesThatChangePlacesTogetherWithTheirChecksumsAreFound() throws IOException {
        long pageCovers = (long) Blocks.BLOCKS_PER_PAGE * Blocks.BLOCK_BYTES;
        StagedSnapshot staged = snapshots.stage("g");
        staged.write("sparse", 2 * pageCovers - 1, ByteBuffer.wrap(new byte[1]));
        staged.write("sparse", 0, ByteBuffer.wrap(new byte[] {1}));
        pointer = publish(staged, 11, 3, 2);
        directory = root.resolve("g/11-3-2");
        try (FileChannel channel = FileChannel.open(directory.resolve("sparse"), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[1]), 0);
            channel.write(ByteBuffer.wrap(new byte[] {1}), pageCovers);
        }
        swapLastPages(4 * (Blocks.BLOCKS_PER_PAGE + 1));
        assertDamaged("g", pointer, directory.resolve(Manifest.NAME) + " at offset");
    }

    private void swapLastPages(int pageBytes) throws IOException {
        Path manifest = directory.resolve(Manifest.NAME);
        byte[] bytes = Files.readAllBytes(manifest);
        byte[] last = Arrays.copyOfRange(bytes, bytes.length - pageBytes, bytes.length);
        System.arraycopy(bytes, bytes.length - 2 * pageBytes, bytes, bytes.length - pageBytes, pageBytes);
        System.arraycopy(last, 0, bytes, bytes.length - 2 * pageBytes, pageBytes);
        Files.write(manifest, bytes);
    }

    @Test
    void aMissingFileIsFound() throws IOException {
        for (String name : List.of(Manifest.NAME, "small", "large", "empty")) {
            Path file = directory.resolve(name);
            Path away = data.resolve("away");
            Files.move(file, away);
            assertDamaged("g", pointer, file + " is missing");
            Files.createDirectory(file);
            assertDamaged("g", pointer, file + " is missing or not a file");
            Files.delete(file);
            Files.createSymbolicLink(file, away);
            assertDamaged("g", pointer, file + " is missing or not a file");
            Files.delete(file);
            Files.move(away, file);
        }
        snapshots.verify("g", pointer);
    }

    @Test
    void anAddedFileOrDirectoryIsFound() throws IOException {
        Path added = directory.resolve("added");
        Files.write(added, new byte[] {1});
        assertDamaged("g", pointer, added + " is not part of the snapshot");
        Files.delete(added);
        Files.createDirectory(added);
        assertDamaged("g", pointer, added + " is not part of the snapshot");
        Files.delete(added);
        snapshots.verify("g", pointer);
    }

    @Test
    void aMissingDirectoryIsDamageAndNotAnEmptySnapshot() throws IOException { // DAMAGE-3
        Files.move(directory, data.resolve("away"));
        assertDamaged("g", pointer, directory + " is missing");
        Files.write(directory, new byte[] {1});
        assertDamaged("g", pointer, directory + " is missing or not a directory");
        Files.delete(directory);
        Files.delete(root.resolve("g"));
        assertDamaged("g", pointer, directory + " is missing");
        Files.delete(root);
        assertDamaged("g", pointer, directory + " is missing");
        assertThat(snapshots.published("g")).isEmpty();
        assertThat(snapshots.groups()).isEmpty();
    }

    @Test
    void whatBelongsToAnotherSnapshotGroupOrStorageIsFound() throws IOException {
        publishContents("g", 11, 3, 2);
        publishContents("h", 10, 3, 1);
        Path newer = root.resolve("g/11-3-2");
        Path other = root.resolve("h/10-3-1");
        for (Path stranger : List.of(newer, other)) {
            swap(directory, stranger);
            assertDamaged("g", pointer, "this is snapshot");
            swap(directory, stranger);
            swap(directory.resolve(Manifest.NAME), stranger.resolve(Manifest.NAME));
            assertDamaged("g", pointer, "this is snapshot");
            swap(directory.resolve(Manifest.NAME), stranger.resolve(Manifest.NAME));
            snapshots.verify("g", pointer);
        }
        SnapshotFiles strange = new SnapshotFiles(root, new UUID(9, 9), (path, cause) -> undeleted.add(path));
        assertThatThrownBy(() -> strange.verify("g", pointer))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(STORAGE.toString())
                .hasMessageContaining(new UUID(9, 9).toString());
    }

    @Test
    void theMessageSaysWhereAndWhatToDo() throws IOException {
        Path file = directory.resolve("large");
        byte[] bad = contents.get("large").clone();
        bad[Blocks.BLOCK_BYTES + 7]++;
        Files.write(file, bad);
        assertThatThrownBy(() -> snapshots.verify("g", pointer))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(file + " at offset " + Blocks.BLOCK_BYTES)
                .hasMessageContaining("10-3-1 of group 'g'")
                .hasMessageContaining("join it again as a new member");
    }

    @Test
    void aReaderThatMetDamageStillReadsTheRest() throws IOException {
        Path file = directory.resolve("large");
        byte[] good = contents.get("large");
        byte[] bad = good.clone();
        bad[Blocks.BLOCK_BYTES]++;
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer)) {
            Files.write(file, bad);
            ByteBuffer target = ByteBuffer.allocate(LARGE_BYTES);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> snapshot.read("large", Blocks.BLOCK_BYTES, target))
                        .isInstanceOf(StorageException.Corrupted.class);
                ByteBuffer whole = ByteBuffer.allocate(100);
                assertThat(snapshot.read("large", 10, whole)).isEqualTo(100);
                assertThat(whole.flip()).isEqualTo(ByteBuffer.wrap(good, 10, 100));
            }
            assertThat(read(snapshot, "small")).isEqualTo(contents.get("small"));
        }
    }

    private void checkDamageIsFound(Path file) throws IOException {
        try {
            snapshots.verify("g", pointer);
            fail("damage of " + file + " was not found");
        } catch (StorageException.Corrupted e) {
            assertThat(e).hasMessageContaining(file.toString());
        }
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer)) {
            assertThat(snapshot.files().keySet()).isEqualTo(contents.keySet());
            for (String name : contents.keySet()) {
                checkPrefix(snapshot, name);
            }
        } catch (StorageException.Corrupted e) {
            // found at once
        }
    }

    private void checkPrefix(PublishedSnapshot snapshot, String name) throws IOException {
        byte[] good = contents.get(name);
        byte[] piece = new byte[1000];
        int position = 0;
        try (InputStream in = snapshot.open(name)) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                assertThat(Arrays.mismatch(good, position, position + count, piece, 0, count))
                        .isEqualTo(-1);
                position += count;
            }
            assertThat(position).isEqualTo(good.length);
        }
    }

    private void assertDamaged(String group, SnapshotPointer pointer, String message) {
        assertThatThrownBy(() -> snapshots.verify(group, pointer))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(message);
    }

    private void swap(Path one, Path other) throws IOException {
        Path between = data.resolve("between");
        Files.move(one, between);
        Files.move(other, one, StandardCopyOption.ATOMIC_MOVE);
        Files.move(between, other);
    }
}
