// SPDX-License-Identifier: Apache-2.0
package dev.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageException;
import dev.mooring.tck.disk.DiskModel;
import dev.mooring.tck.disk.Failure;
import dev.mooring.tck.disk.Fault;
import dev.mooring.tck.disk.Operation;
import dev.mooring.tck.disk.SimulatedDisk;
import dev.mooring.tck.model.Call;
import dev.mooring.tck.model.Model;
import dev.mooring.tck.model.Oracle;
import dev.mooring.tck.model.Rebase;
import dev.mooring.tck.model.Script;
import dev.mooring.tck.model.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails fails for good until the storage is opened again, and loses nothing (FAULT-1 to FAULT-4). */
class FaultTest {

    private static final Subject.Setting SETTING = Subject.Setting.SMALL;
    private static final List<Step> SCRIPT =
            Script.generate(11, 90, new Script.Shape(List.of("a", "ab", "slow"), 3, 3000, false));

    private static Path data(SimulatedDisk disk) throws IOException {
        return Files.createDirectories(disk.root().resolve("data"));
    }

    /** Runs the script up to the first error; returns how many calls were acknowledged. */
    private static int run(Subject subject) {
        int calls = 0;
        try {
            for (Step step : SCRIPT) {
                subject.step(step);
                calls++;
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
        return calls;
    }

    private static void failsAndRecovers(Fault fault, Subject.Setting setting) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(3, DiskModel.STRICT);
        data(disk);
        int calls = 0;
        disk.inject(fault);
        try (Subject subject = Subject.open(data(disk), setting)) {
            calls = run(subject);
            if (calls < SCRIPT.size()) {
                subject.checkReads();
                subject.background.awaitEnd(); // the write that was under way when a save failed beside it
                long written = disk.bytesWritten();
                assertThatThrownBy(() -> subject.append("a", 1, 10))
                        .isInstanceOf(StorageException.Failed.class)
                        .hasMessageContaining("open the storage again")
                        .hasCauseInstanceOf(IOException.class);
                subject.backend.close();
                assertThat(disk.bytesWritten())
                        .as("nothing is written after a failure")
                        .isEqualTo(written);
            }
        } catch (IOException e) {
            assertThat(calls)
                    .as("the first opening fails, or close does: %s", e)
                    .isIn(0, SCRIPT.size());
        }
        disk.heal();
        try (Subject subject = Subject.open(data(disk), setting.crashed(0))) {
            Oracle.Verdict verdict =
                    new Oracle(SCRIPT).judge(subject.picture(), calls, Math.min(SCRIPT.size(), calls + 1));
            assertThat(verdict.calls()).as("%s: %s", fault, verdict.text()).isPresent();
            Model model = new Oracle(SCRIPT).modelAfter(verdict.calls().getAsInt());
            subject.loaded.groups().forEach((group, state) -> model.undoRelease(group, state.firstIndex()));
            // work goes on
            for (Step step : SCRIPT.subList(0, 30)) {
                Call call = Rebase.resolve(step, model);
                if (call != null) {
                    call.on(model);
                    call.on(new Verbs(subject.backend));
                }
            }
        }
    }

    /** The verbs of a backend without a model beside it. */
    private record Verbs(FilesBackend backend) implements dev.mooring.tck.model.Target<IOException> {
        @Override
        public void saveEntries(long sequence, List<dev.mooring.spi.Update> updates) throws IOException {
            backend.saveEntries(sequence, updates);
        }

        @Override
        public void saveSnapshot(long sequence, dev.mooring.spi.Update update, dev.mooring.spi.SnapshotPointer snapshot)
                throws IOException {
            backend.saveSnapshot(sequence, update, snapshot);
        }

        @Override
        public void releaseLock(String group, long index) throws IOException {
            backend.releaseLock(group, index);
        }

        @Override
        public void drop(long sequence, String group) throws IOException {
            backend.drop(sequence, group);
        }

        @Override
        public void reopen() {}
    }

    @Test
    void aFailureInTheBackgroundIsNoCleanEnd() throws IOException { // FAULT-2, CRASH-4
        SimulatedDisk disk = SimulatedDisk.create(3, DiskModel.STRICT);
        Subject subject = Subject.open(data(disk), SETTING);
        subject.append("a", 1, 500);
        disk.inject(Fault.from(Operation.FORCE_DIRECTORY, 1, Failure.EIO));
        for (int i = 0; i < 100 && !subject.backend.log().hasFailed(); i++) {
            subject.append("a", 1, 500); // every save goes well
        }
        assertThat(subject.backend.log().hasFailed()).isTrue();
        assertThatThrownBy(subject.backend::close)
                .as("else the next recovery would trust what never became durable")
                .isInstanceOf(StorageException.Failed.class);
        assertThat(disk.openFiles()).isEmpty();
        subject.backend.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"CREATE", "WRITE", "FORCE", "FORCE_DIRECTORY", "RENAME", "OPEN"})
    void everyOperationFailsOnce(Operation operation) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(3, DiskModel.STRICT);
        try (Subject subject = Subject.open(data(disk), SETTING)) {
            assertThat(run(subject)).isEqualTo(SCRIPT.size());
        }
        int calls = disk.calls(operation);
        for (int nth = 1; nth <= calls; nth += 1 + calls / 60) {
            failsAndRecovers(Fault.once(operation, nth, Failure.EIO), SETTING);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 17, 40, 77})
    void theBackgroundThreadFails(int nth) throws IOException {
        failsAndRecovers(Fault.once(Operation.FORCE, nth, Failure.EIO), SETTING.withThread());
        failsAndRecovers(Fault.from(Operation.RENAME, nth / 10 + 1, Failure.EIO), SETTING.withThread());
    }

    /** A round that runs when a save fails ends at its next step. */
    @Test
    void aRoundBesideAFailureTakesNoFurtherStep() throws IOException { // FAULT-2
        SimulatedDisk disk = SimulatedDisk.create(3, DiskModel.STRICT);
        SegmentFiles files = new SegmentFiles(data(disk));
        LogState state = new LogState(files.directory(), Subject.ID, 8192);
        IOException cause = new IOException("a save failed");
        Housekeeper housekeeper = new Housekeeper(
                state,
                new OpenFiles(10),
                files,
                new Subject.CallerRuns(),
                () -> { // asked for between the new file and the manifest
                    state.fail(cause);
                    return 1;
                },
                8192);
        state.writing.lock();
        try {
            assertThatThrownBy(() -> housekeeper.take(8192)).hasCause(cause);
        } finally {
            state.writing.unlock();
        }
        try (var found = Files.list(files.directory())) {
            assertThat(found).as("a file, and no manifest").containsExactly(files.path(1));
        }

        long before = disk.bytesWritten();
        assertThatThrownBy(() -> files.createFull(2, 4 << 20, () -> {
                    if (disk.bytesWritten() > before) {
                        throw cause;
                    }
                }))
                .isSameAs(cause);
        assertThat(disk.bytesWritten() - before).as("one piece").isLessThanOrEqualTo(1 << 20);
    }

    @Test
    void shortWritesGoOn() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(3, DiskModel.STRICT);
        disk.inject(Fault.from(Operation.WRITE, 1, Failure.SHORT_WRITE));
        try (Subject subject = Subject.open(data(disk), SETTING)) {
            assertThat(run(subject)).isEqualTo(SCRIPT.size());
            subject.checkReads();
        }
    }

    /** FAULT-3. */
    @Test
    void aFullDiskLosesNothing() throws IOException {
        for (long bytes = 4096; bytes < 90_000; bytes += 4096) {
            SimulatedDisk disk = SimulatedDisk.create(3, DiskModel.STRICT);
            data(disk);
            disk.limitBytes(bytes);
            int calls = 0;
            try (Subject subject = Subject.open(data(disk), SETTING)) {
                calls = run(subject);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("space");
            }
            disk.heal();
            disk.limitBytes(Long.MAX_VALUE);
            try (Subject subject = Subject.open(data(disk), SETTING.crashed(0))) {
                Oracle.Verdict verdict =
                        new Oracle(SCRIPT).judge(subject.picture(), calls, Math.min(SCRIPT.size(), calls + 1));
                assertThat(verdict.calls())
                        .as("%d bytes: %s", bytes, verdict.text())
                        .isPresent();
            }
        }
    }

    /** FAULT-4: recovery fails with a clear error, changes nothing that matters, and goes well later. */
    @Test
    void recoveryFailsAndIsTriedAgain() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(3, DiskModel.STRICT);
        Path data = data(disk);
        Subject before = Subject.open(data, SETTING);
        run(before);
        disk.kill();
        for (Operation operation : Operation.values()) {
            for (int nth = 1; nth < 30; nth++) {
                disk.inject(Fault.once(operation, nth, Failure.EIO));
                try (Subject subject = Subject.open(data, SETTING.crashed(before.model.sequence()))) {
                    assertThat(subject.loaded.sequence()).isEqualTo(before.model.sequence());
                } catch (StorageException e) {
                    throw new AssertionError("an I/O error is no damage", e);
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("error");
                }
                disk.heal();
                disk.kill();
            }
        }
        try (Subject subject = Subject.open(data(disk), SETTING.crashed(before.model.sequence()))) {
            assertThat(before.model.picture().differenceTo(subject.picture())).isNull();
        }
    }

    @Test
    void aReadOnlyDirectoryAndTooManyFilesAreNamed() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create(3, DiskModel.STRICT);
        try (Subject subject = Subject.open(data(disk), SETTING)) {
            run(subject);
        }
        disk.readOnly();
        assertThatThrownBy(() -> Subject.open(data(disk), SETTING.crashed(0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Read-only");
        disk.heal();
        disk.limitOpenFiles(0);
        assertThatThrownBy(() -> Subject.open(data(disk), SETTING.crashed(0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Too many open files");
        disk.heal();
        disk.limitOpenFiles(1000);
        try (Subject subject = Subject.open(data(disk), SETTING.crashed(0))) {
            subject.picture();
        }
        assertThat(disk.openFiles()).isEmpty();
    }
}
