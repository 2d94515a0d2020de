// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.Entry;
import dev.mooring.spi.HardState;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.Update;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.CrashSummary;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Recording;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Payloads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * CRASH-2 and CRASH-3 at the beginning of a segment: its first write is longer than a sector, so that a part of it may be
 * there, and the openings that come after it are cut off, too.
 */
class ActivationCrashTest {

    private static final Subject.Setting SETTING = Subject.Setting.SMALL;
    private static final int GROUPS = 24;

    /** A save of more than two segments has a file of its own, which is no use for anything else. */
    @ParameterizedTest
    @EnumSource
    void aTornLargeSaveIsForgottenHoweverOftenTheOpeningIsCutOff(DiskModel model) throws IOException {
        SimulatedDisk disk = disk(model, 2, 3 * 8192);
        CrashSummary summary = CrashExplorer.of(disk.recording())
                .from(lastHalf(disk))
                .statesPerPosition(12)
                .explore(image -> {
                    int before = image.recording().length();
                    long sequence = opened(image);
                    Recording opening = image.recording();
                    for (int event = before; event <= opening.length(); event++) {
                        SimulatedDisk killed = CrashExplorer.of(opening).kill(event);
                        assertThat(opened(killed)).isEqualTo(sequence);
                        assertThat(opened(killed)).isEqualTo(sequence);
                    }
                    return (acked, started) -> assertThat(sequence).isBetween((long) acked, (long) started);
                });
        assertThat(summary.violations()).isEmpty();
        assertThat(summary.distinct()).isGreaterThan(30);
    }

    /** The opening after the death of the process finds an activation that may be in the page cache only, and repeats it. */
    @ParameterizedTest
    @EnumSource
    void twoActivationsInTurnMayBeTornByOnePowerCut(DiskModel model) throws IOException {
        SimulatedDisk disk = disk(model, 4, 2000);
        Recording recording = disk.recording();
        for (int event = lastHalf(disk); event <= recording.length(); event++) {
            SimulatedDisk killed = CrashExplorer.of(recording).kill(event);
            long sequence = opened(killed);
            CrashSummary summary = CrashExplorer.of(killed.recording())
                    .from(event)
                    .statesPerPosition(40)
                    .explore(image -> {
                        long found = opened(image);
                        return (acked, started) ->
                                assertThat(found).isBetween((long) acked, Math.max(sequence, started));
                    });
            assertThat(summary.violations()).as("killed before event %d", event).isEmpty();
        }
    }

    /** What a torn activation has left in a file is no sign of damage when the next one in it is shorter. */
    @ParameterizedTest
    @EnumSource
    void aFileWithATornActivationIsNotTakenForAFreshOne(DiskModel model) throws IOException {
        SimulatedDisk disk = disk(model, 1, 100);
        int before = disk.recording().length();
        try (Subject subject = Subject.open(data(disk), SETTING.closed(2))) {
            ByteBuffer attachment = ByteBuffer.allocate(9000);
            Arrays.fill(attachment.array(), (byte) 0x5a);
            save(disk, subject, 3, List.of(new Update(group(0), null, List.of(), null, attachment)));
        }
        Recording recording = disk.recording();
        for (int event = before; event <= recording.length(); event++) {
            SimulatedDisk killed = CrashExplorer.of(recording).kill(event);
            opened(killed);
            CrashSummary summary = CrashExplorer.of(killed.recording())
                    .from(event)
                    .statesPerPosition(40)
                    .explore(image -> {
                        long found = opened(image);
                        try (Subject again = Subject.open(data(image), SETTING.closed(found))) {
                            assertThat(again.loaded.sequence()).isEqualTo(found);
                        }
                        return (acked, started) -> {};
                    });
            assertThat(summary.violations()).as("killed before event %d", event).isEmpty();
        }
    }

    /** Many groups with long names, so that a checkpoint fills several sectors; then saves of one group. */
    private static SimulatedDisk disk(DiskModel model, int saves, int payloadBytes) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(11, model);
        try (Subject subject = Subject.open(data(disk), SETTING)) {
            List<Update> all = new ArrayList<>();
            for (int i = 0; i < GROUPS; i++) {
                List<Entry> entries = Payloads.run(group(i), 1, 1, 1, 40, 1);
                all.add(new Update(group(i), null, entries, new HardState(1, "candidate-" + i, -1), null));
            }
            save(disk, subject, 1, all);
            for (int i = 0; i < saves; i++) {
                List<Entry> entries = Payloads.run(group(0), 2 + i, 1, 1, payloadBytes, 2 + i);
                save(disk, subject, 2 + i, List.of(new Update(group(0), null, entries, null, null)));
            }
        }
        return disk;
    }

    private static void save(SimulatedDisk disk, Subject subject, int call, List<Update> updates) throws IOException {
        disk.started(call);
        subject.backend.saveEntries(call, updates);
        disk.acknowledged(call);
    }

    private static String group(int i) {
        return "a-group-with-a-name-that-is-rather-long-" + i;
    }

    private static int lastHalf(SimulatedDisk disk) {
        return disk.recording().length() / 2;
    }

    private static long opened(SimulatedDisk disk) throws IOException {
        try (Subject subject = Subject.open(data(disk), SETTING.crashed(0))) {
            subject.picture();
            return subject.loaded.sequence();
        }
    }

    private static Path data(SimulatedDisk disk) throws IOException {
        Path data = disk.root().resolve("data");
        if (Files.notExists(data)) {
            Files.createDirectory(data);
            StableFile.forceDirectory(disk.root());
        }
        return data;
    }
}
