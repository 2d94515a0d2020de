// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.mooring.spi.BackendContext;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.Update;
import dev.mooring.spi.ordered.OrderedBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jetbrains.exodus.env.EnvironmentImpl;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.log.LogConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Xodus' cleaner: what it finds at an opening, and when it may begin. */
class CleanerTest {

    private static final long FILE_BYTES = 256 << 10;
    private static final String FIRST = "00000000000.xd";

    @TempDir
    Path directory;

    /** A few files full of entries, and a last one. */
    private void fill() throws IOException {
        try (StorageBackend backend = Backends.open(directory)) {
            backend.saveEntries(1, List.of(Backends.run("g", 0, 40, 50_000)));
            backend.saveEntries(2, List.of(Backends.vote("g", 1, null)));
        }
    }

    private void deleteAll() throws IOException {
        try (StorageBackend backend = Backends.open(directory)) {
            backend.saveEntries(3, List.of(new Update("g", 0L, List.of(), null, null)));
        }
    }

    @Test
    void nothingIsCleanedBeforeWhatWasFoundHasBeenChecked() throws Exception { // DAMAGE-2
        fill();
        deleteAll();
        LogFiles files = LogFiles.all(directory);
        LogWriter writer = new LogWriter(directory, files, false, true);
        Options options = Options.of("xodus", new XodusStorageProvider().options(), Map.of());
        EnvironmentImpl environment = (EnvironmentImpl) Environments.newInstance(
                LogConfig.create(files, writer), OpenEnvironment.config(options, FILE_BYTES, true));
        environment.getGC().waitForPendingGC();
        assertThatCode(writer::confirm).doesNotThrowAnyException();
        environment.getEnvironmentConfig().setEnvCloseForcedly(true);
        environment.close();
    }

    @Test
    void whatIsFreeAtAnOpeningIsGivenBack() throws Exception { // REL-3
        fill();
        deleteAll();
        assertThatFilesGo(true);
    }

    @Test
    void whatIsFreeAfterAnUncleanEndIsGivenBack() throws Exception { // REL-3
        fill();
        Path crashed = Files.createDirectory(directory.resolve("crashed"));
        try (StorageBackend backend = Backends.open(directory)) {
            backend.saveEntries(3, List.of(new Update("g", 0L, List.of(), null, null)));
            copyFiles(directory, crashed);
        }
        directory = crashed;
        assertThatFilesGo(false);
    }

    @Test
    void whatIsAliveIsNotMovedBecauseNobodyHasCountedIt() throws Exception { // CRASH-4
        Path crashed = Files.createDirectory(directory.resolve("crashed"));
        try (StorageBackend backend = Backends.open(directory)) {
            backend.saveEntries(1, List.of(Backends.run("g", 0, 40, 50_000)));
            copyFiles(directory, crashed);
        }
        BackendContext context = Backends.context(crashed, Map.of(), 1, false);
        OpenEnvironment engine = OpenEnvironment.open(context);
        try (StorageBackend backend = new OrderedBackend(context, engine)) {
            backend.load();
            engine.environment.getGC().waitForPendingGC();
            backend.saveEntries(2, List.of(Backends.run("g", 40, 10, 50_000))); // new files wake it
            engine.environment.getGC().waitForPendingGC();
            assertThat(crashed.resolve(FIRST)).exists();
        }
    }

    private void assertThatFilesGo(boolean endedCleanly) throws IOException, InterruptedException {
        try (StorageBackend backend = Backends.open(directory, Map.of(), 3, endedCleanly)) {
            // it works beside us; it is given a minute for what it needs seconds for
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (LogFiles.list(directory).size() > 3 && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            assertThat(LogFiles.list(directory)).hasSizeLessThanOrEqualTo(3);
            backend.saveEntries(4, List.of(Backends.run("g", 0, 2, 100)));
            assertThat(Backends.read(backend, "g", 0, 9)).containsExactly(0L, 1L);
        }
    }

    static void copyFiles(Path from, Path to) throws IOException {
        try (var files = Files.list(from)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
