// SPDX-License-Identifier: Apache-2.0
package dev.mooring.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.StableFile;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.CrashSummary;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Fault;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshot files survive a power cut once they are forced, whatever the state machine does with its directory. */
class ForcedFilesTest {

    private static final String CONTENT = "state of a machine ".repeat(300);

    private final SimulatedDisk disk = SimulatedDisk.create(7, DiskModel.STRICT);
    private final Path division = disk.root().resolve("division");
    private final Path snapshots = division.resolve("sm");
    private final Path elsewhere = disk.root().resolve("elsewhere"); // where a state machine may keep them instead

    @BeforeEach
    void newDirectories() throws IOException {
        StableFile.createDirectories(snapshots);
        StableFile.createDirectories(elsewhere);
    }

    @Test
    void aFileThatMayOnlyBeReadIsForced() throws Exception {
        Path file = write(snapshots.resolve("snapshot.1_5"));
        disk.readOnly(); // what opens for writing is refused, as by a file of mode 0444

        force(file);

        disk.heal();
        assertSurvives("division/sm/snapshot.1_5");
    }

    @Test
    void aFileOutsideTheDivisionIsForcedWithItsDirectory() throws Exception {
        Path unknown = disk.root().resolve("unknown"); // only the state machine knows it
        StableFile.createDirectories(unknown);

        force(write(unknown.resolve("snapshot.1_5")));

        assertSurvives("unknown/snapshot.1_5");
    }

    @Test
    void theDirectoriesOfASnapshotElsewhereAreForced() throws Exception {
        Path parts = Files.createDirectories(elsewhere.resolve("5").resolve("parts"));

        force(write(parts.resolve("part")));

        assertSurvives("elsewhere/5/parts/part");
    }

    @Test
    void anInstalledFileThatMayOnlyBeReadIsForced() throws Exception {
        write(snapshots.resolve("snapshot.1_5"));
        disk.readOnly();

        forceInstalled();

        disk.heal();
        assertSurvives("division/sm/snapshot.1_5");
    }

    // the state machine reloads beside it: it unpacks what was installed, and cleans up
    @Test
    void whatVanishesMeanwhileIsNothingToForce() throws Exception {
        Path installed = write(snapshots.resolve("snapshot.1_5"));
        List<Path> scratch = List.of(snapshots.resolve("a"), snapshots.resolve("b"), snapshots.resolve("c"));
        for (Path directory : scratch) {
            write(Files.createDirectory(directory).resolve("unpacked"));
        }
        during(Operation.LIST, scratch, path -> {
            for (Path directory : scratch) {
                if (!directory.toString().equals(path)) {
                    delete(directory);
                }
            }
        });

        forceInstalled();

        assertThat(installed).exists();
        assertThat(scratch).filteredOn(Files::exists).hasSizeLessThan(2);
        assertSurvives("division/sm/snapshot.1_5");
    }

    @Test
    void aDirectoryThatVanishesBehindItsFilesIsNothingToForce() throws Exception {
        Path scratch = Files.createDirectory(snapshots.resolve("scratch"));
        write(scratch.resolve("unpacked"));
        during(Operation.FORCE, List.of(scratch.resolve("unpacked")), path -> delete(scratch));

        forceInstalled();

        assertThat(scratch).doesNotExist();
    }

    @Test
    void whatIsRenamedMeanwhileIsForcedUnderItsNewName() throws Exception {
        List<Path> names = List.of(snapshots.resolve("a"), snapshots.resolve("b"));
        for (Path name : names) {
            write(name);
        }
        Path renamed = snapshots.resolve("renamed");
        during(Operation.FORCE, names, path -> {
            for (Path name : names) {
                if (!name.toString().equals(path) && !Files.exists(renamed)) {
                    Files.move(name, renamed);
                }
            }
        });

        forceInstalled();

        assertSurvives("division/sm/renamed");
    }

    private void force(Path file) throws IOException {
        ForcedFiles files = new ForcedFiles(division, elsewhere);
        files.force(file);
        files.forceDirectories();
    }

    private void forceInstalled() throws IOException {
        ForcedFiles files = new ForcedFiles(division);
        files.forceBelow(snapshots);
        files.forceDirectories();
    }

    private static Path write(Path file) throws IOException {
        return Files.writeString(file, CONTENT);
    }

    private static void delete(Path tree) throws IOException {
        if (Files.exists(tree)) {
            Files.deleteIfExists(tree.resolve("unpacked"));
            Files.delete(tree);
        }
    }

    private interface Step {
        void at(String path) throws IOException;
    }

    /** Does this just before such a call on one of these paths. */
    private void during(Operation operation, List<Path> paths, Step step) {
        disk.inject(new Fault(
                operation,
                path -> {
                    if (paths.stream().anyMatch(each -> each.toString().equals(path))) {
                        try {
                            step.at(path);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                    return false; // nothing fails
                },
                1,
                1,
                Failure.EIO));
    }

    /** Whatever a power cut now takes that was not forced, this file is whole. */
    private void assertSurvives(String file) {
        CrashSummary summary = CrashExplorer.of(disk.recording())
                .from(disk.recording().length())
                .statesPerPosition(200)
                .explore(image -> {
                    assertThat(image.root().resolve(file)).content().isEqualTo(CONTENT);
                    return (acknowledged, started) -> {};
                });
        assertThat(summary.states()).isPositive();
        assertThat(summary.violations()).isEmpty();
    }
}
