// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A manifest whose checksums are right and whose contents are not: DAMAGE-4, DAMAGE-5. */
class HostileManifestTest extends SnapshotTest {

    private static final int VERSION_AT = 8;
    private static final int HEAD_BYTES_AT = 16;
    private static final int BLOCK_BYTES_AT = 20;
    private static final int GROUP_BYTES_AT = 64;
    private static final int CONFIGURATION_BYTES_AT = GROUP_BYTES_AT + 4 + "g".length();
    private static final int FILES_AT = CONFIGURATION_BYTES_AT + 4 + 3;
    private static final int FIRST_NAME_BYTES_AT = FILES_AT + 4;
    private static final int FIRST_FILE_BYTES_AT = FIRST_NAME_BYTES_AT + 4 + "a".length();

    private Path manifest;
    private byte[] good;
    private SnapshotPointer pointer;

    @BeforeEach
    void publishOne() throws IOException {
        StagedSnapshot staged = snapshots.stage("g");
        fill(staged, "a", bytes(1, 100));
        fill(staged, "b", bytes(2, 200));
        staged.configuration(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        pointer = publish(staged, 10, 3, 1);
        manifest = root.resolve("g/10-3-1").resolve(Manifest.NAME);
        good = Files.readAllBytes(manifest);
    }

    @Test
    void aNewerFormatIsRefusedByNumber() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(good.clone()).putInt(VERSION_AT, 2);
        Files.write(manifest, withChecksums(bytes.array()));
        assertThatThrownBy(() -> snapshots.verify("g", pointer))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("version 2")
                .hasMessageContaining("up to 1");
        assertThatThrownBy(() -> snapshots.open("g", pointer)).isInstanceOf(StorageException.Refused.class);
    }

    @Test
    void noLengthOrCountIsBelieved() throws IOException {
        int[] fields = {
            HEAD_BYTES_AT,
            BLOCK_BYTES_AT,
            GROUP_BYTES_AT,
            CONFIGURATION_BYTES_AT,
            FILES_AT,
            FIRST_NAME_BYTES_AT,
            FIRST_FILE_BYTES_AT,
            FIRST_FILE_BYTES_AT + 4
        };
        int[] values = {
            -1, -2, 0, 1, 7, 128, 129, 65_536, 65_537, 1 << 24, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE
        };
        for (int field : fields) {
            for (int value : values) {
                byte[] bad = ByteBuffer.wrap(good.clone()).putInt(field, value).array();
                if (ByteBuffer.wrap(good).getInt(field) != value) {
                    Files.write(manifest, withChecksums(bad));
                    assertThatThrownBy(() -> snapshots.verify("g", pointer))
                            .as("field at %d set to %d", field, value)
                            .isInstanceOf(StorageException.Corrupted.class);
                }
            }
        }
    }

    @Test
    void aNameCanNotLeadOutOfTheDirectoryOrCollide() throws IOException {
        for (String name : new String[] {"/", ".", "B", "b", "c", "\\", "\0", "\n", "\u00e4"}) {
            byte[] bad = good.clone();
            bad[FIRST_NAME_BYTES_AT + 4] = (byte) name.charAt(0);
            Files.write(manifest, withChecksums(bad));
            assertThatThrownBy(() -> snapshots.verify("g", pointer))
                    .as("name %s", name)
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining("a file named '");
        }
    }

    @Test
    void aCheckedHeadDoesNotVouchForOtherPages() throws IOException {
        byte[] bad = good.clone();
        bad[CONFIGURATION_BYTES_AT + 4]++; // a legal change, but the pages belong to another head
        Files.write(manifest, withChecksums(bad));
        assertThatThrownBy(() -> snapshots.verify("g", pointer)).isInstanceOf(StorageException.Corrupted.class);
    }

    @Test
    void randomChangesBehindRightChecksumsNeverPass() throws IOException {
        long seed = 20261124;
        Random random = new Random(seed);
        int reached = 0;
        for (int round = 0; round < 1_000; round++) {
            byte[] bad = mutated(random);
            if (Arrays.equals(bad, good)) {
                continue;
            }
            Files.write(manifest, bad);
            try {
                snapshots.verify("g", pointer);
                throw new AssertionError("seed " + seed + ", round " + round + " passed");
            } catch (StorageException.Corrupted e) {
                reached += e.getMessage().contains("does not match its checksum") ? 0 : 1;
            } catch (StorageException.Refused e) {
                assertThat(e).hasMessageContaining("format version");
            }
        }
        assertThat(reached).as("changes that got behind the checksum").isGreaterThan(500);
    }

    @Test
    void whatIsReadAtAllIsReadExactly() {
        long seed = 4711;
        Random random = new Random(seed);
        Damage damage = new Damage("g", pointer);
        int read = 0;
        for (int round = 0; round < 100_000; round++) {
            ByteBuffer bad = ByteBuffer.wrap(mutated(random));
            if (bad.capacity() < ManifestHead.MIN_BYTES) {
                continue;
            }
            try {
                int length = ManifestHead.length(bad, bad.capacity(), manifest, damage);
                ManifestHead head = ManifestHead.decode(bad.slice(0, length), manifest, damage);
                ByteBuffer again = ManifestHead.encode(
                        head.storageId(), head.group(), head.pointer(), head.configuration(), head.files());
                assertThat(again).as("seed %d, round %d", seed, round).isEqualTo(bad.slice(0, length));
                read++;
            } catch (StorageException e) {
                assertThat(e).hasMessageContaining(Manifest.NAME);
            }
        }
        assertThat(read).as("heads that could be read").isGreaterThan(5_000);
    }

    private byte[] mutated(Random random) {
        byte[] bad = good.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(bad.length);
            switch (random.nextInt(5)) {
                case 0 -> bad[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bad[at] = (byte) random.nextInt();
                case 2 -> bad = Arrays.copyOf(bad, Math.max(1, at));
                case 3 -> bad = Arrays.copyOf(bad, bad.length + 1 + random.nextInt(100));
                default -> {
                    int from = random.nextInt(bad.length);
                    System.arraycopy(bad, from, bad, at, Math.min(8, bad.length - Math.max(at, from)));
                }
            }
        }
        return withChecksums(bad);
    }

    /** Makes the checksums of preamble and head right, where there is room for them. */
    private static byte[] withChecksums(byte[] manifest) {
        ByteBuffer bytes = ByteBuffer.wrap(manifest);
        if (manifest.length >= HEAD_BYTES_AT + 4) {
            bytes.putInt(12, crc(manifest, 12));
            int headBytes = bytes.getInt(HEAD_BYTES_AT);
            if (headBytes >= HEAD_BYTES_AT + 8 && headBytes <= manifest.length) {
                bytes.putInt(headBytes - 4, crc(manifest, headBytes - 4));
            }
        }
        return manifest;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
