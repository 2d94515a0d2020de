// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.LogEntry;
import dev.mooring.RaftStorage;
import dev.mooring.SnapshotWriter;
import dev.mooring.StorageConfig;
import dev.mooring.TermAndVote;
import dev.mooring.cli.copy.StorageContent;
import dev.mooring.cli.terminal.Screen;
import dev.mooring.cli.terminal.Terminal;
import dev.mooring.spi.StableFile;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.disk.CrashExplorer;
import dev.mooring.tck.disk.CrashSummary;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.SimulatedDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Power fails at every step of a migration: the target opens only when it is complete, and the source stays as it is. */
class MigrationCrashTest {

    private static final int RUN_AGAIN_ONE_OF = 16;

    @ParameterizedTest
    @EnumSource
    void theTargetOpensOnlyWhenItIsComplete(DiskModel model) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(5, model);
        fill(disk);
        List<String> wanted = content(disk, "source");
        int begin = disk.recording().length();
        migrate(disk);
        assertThat(content(disk, "target")).isEqualTo(wanted);

        AtomicInteger complete = new AtomicInteger();
        AtomicInteger unfinished = new AtomicInteger();
        CrashSummary summary = CrashExplorer.of(disk.recording())
                .from(begin)
                .statesPerPosition(12)
                .explore(image -> {
                    boolean opens = opens(image);
                    if (opens) {
                        complete.incrementAndGet();
                        assertThat(content(image, "target")).isEqualTo(wanted);
                    } else if (unfinished.incrementAndGet() % RUN_AGAIN_ONE_OF == 0) {
                        migrate(image);
                        assertThat(content(image, "target")).isEqualTo(wanted);
                    }
                    assertThat(content(image, "source")).isEqualTo(wanted);
                    return (acknowledged, started) -> assertThat(opens || acknowledged == 0)
                            .as("what was said to be done is there")
                            .isTrue();
                });
        assertThat(summary.violations()).isEmpty();
        assertThat(complete).hasPositiveValue();
        assertThat(unfinished).hasValueGreaterThan(100);
    }

    private static void fill(SimulatedDisk disk) throws IOException {
        try (RaftStorage source = RaftStorage.open(config(disk, "source"))) {
            source.group("g").saveEntries(new TermAndVote(2, "n1"), List.of(entry(1), entry(2), entry(3)));
            try (SnapshotWriter writer = source.group("g").newSnapshot()) {
                try (OutputStream out = writer.newFile("state")) {
                    out.write(new byte[] {1, 2, 3});
                }
                writer.commit(2, 2);
            }
            source.group("h").attach(ByteBuffer.wrap(new byte[] {7}));
            source.group("h").sync();
        }
    }

    private static LogEntry entry(long index) {
        return LogEntry.of(index, 2, new byte[] {(byte) index});
    }

    private static void migrate(SimulatedDisk disk) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        Screen screen = new Screen(new Terminal(nowhere, nowhere, Terminal.Colours.OFF, Terminal.Progress.LINES));
        disk.started(1);
        Migration.run(
                new Migration.Choices(
                        disk.root().resolve("source"), disk.root().resolve("target"), config(disk, "target"), null),
                screen);
        disk.acknowledged(1);
    }

    private static List<String> content(SimulatedDisk disk, String name) throws IOException {
        return StorageContent.of(config(disk, name));
    }

    private static boolean opens(SimulatedDisk disk) throws IOException {
        if (isUntouched(disk.root().resolve("target"))) {
            return false;
        }
        // what holds anything must not be taken for a new one either
        try (RaftStorage storage = RaftStorage.open(config(disk, "target"))) {
            return storage.groups() != null;
        } catch (StorageException.Refused unfinished) {
            return false;
        }
    }

    private static boolean isUntouched(Path target) throws IOException {
        if (!StableFile.exists(target)) {
            return true;
        }
        try (Stream<Path> names = Files.list(target)) {
            return names.allMatch(name -> name.getFileName().toString().startsWith("LOCK"));
        }
    }

    private static StorageConfig config(SimulatedDisk disk, String name) {
        return StorageConfig.of(Map.of("mooring.backend", "files", "mooring.files.segment-bytes", "64KiB"))
                .withDirectory(disk.root().resolve(name));
    }
}
