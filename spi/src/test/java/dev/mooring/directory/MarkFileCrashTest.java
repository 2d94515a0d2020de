// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.hooks.FileHook.Operation;
import dev.mooring.hooks.HookedFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * DAMAGE-2, CRASH-1 to -4: the mark after kills and power cuts at any moment, on a disk where every sector that was not
 * forced may be old or new, and where what a failed sync left in the page cache looks durable and is not.
 */
final class MarkFileCrashTest {

    private static final int SECTOR = 512;
    private static final int LIVES = 400;
    private static final UUID STORAGE = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

    @TempDir
    Path directory;

    private Random random;
    private Path file;
    private byte[] durable; // what is on the disk
    private byte[] synced; // what the page cache held at the last sync, failed or not: what is the same counts as clean
    private boolean written; // since the last sync
    private int untilFault;

    private long confirmed; // mark() of it has returned
    private long acknowledged; // the log holds it durably
    private boolean begun; // beginChanges() has returned, and no clean end was started since

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void theMarkIsNeverAboveWhatWasAcknowledgedNorBelowWhatWasMarked(long seed) throws IOException {
        random = new Random(seed);
        file = directory.resolve("MARK");
        MarkFile.create(file, STORAGE);
        durable = Files.readAllBytes(file);
        synced = durable.clone();
        Path hooked = HookedFileSystem.over(directory, this::before).resolve("MARK");
        for (int life = 0; life < LIVES; life++) {
            untilFault = random.nextInt(random.nextBoolean() ? 3 : 20); // often in the first steps of a life
            live(hooked, "seed " + seed + ", life " + life);
            if (random.nextInt(3) == 0) {
                cutPower();
            }
        }
    }

    private void live(Path hooked, String where) throws IOException {
        try (MarkFile mark = MarkFile.open(hooked, STORAGE)) {
            assertThat(mark.sequence()).as(where).isBetween(confirmed, acknowledged);
            assertThat(begun && mark.endedCleanly()).as(where + " said clean").isFalse();
            for (int call = random.nextInt(6); call > 0; call--) {
                mark.beginChanges();
                begun = true;
                acknowledged += random.nextInt(3);
                mark.mark(acknowledged);
                confirmed = acknowledged;
            }
            if (random.nextInt(3) == 0) {
                begun = false;
                mark.markCleanEnd(acknowledged);
                confirmed = acknowledged;
            }
        } catch (IOException e) {
            assertThat(e).as(where).hasMessageContaining("fault of the test");
        }
    }

    /** Fails a write or a sync. After a failed sync the disk has some of the sectors, and the cache counts as clean. */
    private void before(Operation operation, Path path) throws IOException {
        if (operation != Operation.WRITE && operation != Operation.FORCE) {
            return;
        }
        boolean fails = untilFault-- == 0;
        if (operation == Operation.FORCE) {
            writeBack(!fails);
        }
        written = operation == Operation.WRITE;
        if (fails) {
            throw new IOException("fault of the test");
        }
    }

    private void writeBack(boolean whole) throws IOException {
        byte[] cached = Files.readAllBytes(file);
        int fate = whole ? 1 : random.nextInt(4); // of what is dirty nothing reaches the disk, all, or some sectors
        boolean again = written && Arrays.equals(cached, synced); // the same bytes: they are dirty all the same
        for (int at = 0; at < durable.length; at += SECTOR) {
            boolean dirty = again || !Arrays.equals(cached, at, at + SECTOR, synced, at, at + SECTOR);
            if (dirty && (fate == 1 || (fate > 1 && random.nextBoolean()))) {
                System.arraycopy(cached, at, durable, at, SECTOR);
            }
        }
        synced = cached;
        written = false;
    }

    private void cutPower() throws IOException {
        writeBack(false);
        Files.write(file, durable);
        synced = durable.clone();
    }
}
