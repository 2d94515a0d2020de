// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StableFile;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.CrashSummary;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.SimulatedDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** After an install-snapshot that was cut short there is a whole snapshot, also if power fails while that is mended. */
class InstallLeftoversTest {

    private static final String OLD = "snapshot.1_5";
    private static final String NEW = "snapshot.2_50";

    // killed after Ratis' two renames, of which nothing was forced
    @ParameterizedTest
    @EnumSource
    void aPowerCutAfterAKillLeavesTheOldSnapshotOrTheNew(DiskModel model) throws Exception {
        SimulatedDisk disk = SimulatedDisk.create(11, model);
        Path division = disk.root().resolve("division");
        Path current = division.resolve("sm");
        Path received = division.resolve("tmp");
        StableFile.createDirectories(current);
        StableFile.createDirectories(received);
        save(current, OLD);
        StableFile.forceTree(division);
        Path arrived = Files.createDirectory(received.resolve("snapshot-4711"));
        save(arrived, NEW);
        Files.move(current, division.resolve("sm.tmp20261124-101112.131"), StandardCopyOption.ATOMIC_MOVE);
        Files.move(arrived, current, StandardCopyOption.ATOMIC_MOVE);
        disk.kill();
        int restarted = disk.recording().length();
        int forced = restarted + 1; // the renames

        InstallLeftovers.tidy(current, received);

        assertThat(current.resolve(NEW)).exists();
        CrashSummary summary = CrashExplorer.of(disk.recording())
                // a disk that may keep Ratis' second rename and lose the first has then lost the old snapshot before
                // this
                .from(model == DiskModel.STRICT ? forced : restarted)
                .statesPerPosition(200)
                .explore(image -> {
                    Path found = image.root().resolve("division").resolve("sm");
                    InstallLeftovers.tidy(
                            found, image.root().resolve("division").resolve("tmp"));
                    assertThat(new SnapshotDirectory(found).newestWholeFile()).isNotNull();
                    return (acknowledged, started) -> {};
                });
        assertThat(summary.states()).isPositive();
        assertThat(summary.violations()).isEmpty();
    }

    // CRASH-3, CRASH-5: power fails after Ratis has deleted what it replaced, whatever the adapter has forced by then
    @ParameterizedTest
    @EnumSource
    void aPowerCutAfterTheOldOneWasDeletedLeavesTheOldSnapshotOrTheNew(DiskModel model) throws Exception {
        SimulatedDisk disk = SimulatedDisk.create(12, model);
        Path division = disk.root().resolve("division");
        Path current = division.resolve("sm");
        Path received = division.resolve("tmp");
        StableFile.createDirectories(current);
        StableFile.createDirectories(received);
        StableFile.createDirectories(division.resolve("current"));
        save(current, OLD);
        StableFile.forceTree(division);
        kept(division).keep(current.resolve(OLD));
        Path arrived = Files.createDirectory(received.resolve("snapshot-4711"));
        save(arrived, NEW);
        Path aside = division.resolve("sm.tmp20261124-101112.131");
        Files.move(current, aside, StandardCopyOption.ATOMIC_MOVE);
        Files.move(arrived, current, StandardCopyOption.ATOMIC_MOVE);
        int renamed = disk.recording().length();

        for (String name : List.of(OLD + ".md5", OLD)) {
            Files.delete(aside.resolve(name));
        }
        Files.delete(aside);
        ForcedFiles forced = new ForcedFiles(division);
        forced.force(current.resolve(NEW + ".md5"));
        forced.force(current.resolve(NEW));
        forced.forceDirectories();
        int durable = disk.recording().length();
        kept(division).keep(current.resolve(NEW));

        assertAWholeSnapshotFrom(renamed, disk, OLD, NEW);
        assertAWholeSnapshotFrom(durable, disk, NEW);
    }

    private static void assertAWholeSnapshotFrom(int position, SimulatedDisk disk, String... expected) {
        CrashSummary summary = CrashExplorer.of(disk.recording())
                .from(position)
                .statesPerPosition(200)
                .explore(image -> {
                    Path division = image.root().resolve("division");
                    Path found = division.resolve("sm");
                    InstallLeftovers.tidy(found, division.resolve("tmp"));
                    Path whole = kept(division).newestWholeFile(new SnapshotDirectory(found));
                    assertThat(whole).isNotNull();
                    assertThat(whole.getParent()).isEqualTo(found);
                    assertThat(whole.getFileName().toString()).isIn((Object[]) expected);
                    assertThat(new SnapshotDirectory(found).newestWholeFile()).isEqualTo(whole);
                    return (acknowledged, started) -> {};
                });
        assertThat(summary.states()).isPositive();
        assertThat(summary.violations()).isEmpty();
    }

    private static KeptSnapshot kept(Path division) {
        return new KeptSnapshot(division, division.resolve("current"));
    }

    private static void save(Path directory, String name) throws Exception {
        byte[] content = ("state of " + name + " ").repeat(400).getBytes(StandardCharsets.UTF_8);
        Files.write(directory.resolve(name), content);
        String sum = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        Files.writeString(directory.resolve(name + ".md5"), sum + " *" + name + "\n");
    }
}
