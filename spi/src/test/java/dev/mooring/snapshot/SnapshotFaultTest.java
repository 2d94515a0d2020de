// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.snapshot.WatchedDisk.Change;
import dev.mooring.spi.SnapshotPointer;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A disk that fails, and callers that err: SNAP-5, FAULT-1, -3. */
class SnapshotFaultTest extends SnapshotTest {

    private final WatchedDisk disk = new WatchedDisk();
    private SnapshotFiles watched;

    @BeforeEach
    void watch() {
        watched = new SnapshotFiles(disk.watch(root), STORAGE, (path, cause) -> undeleted.add(path));
    }

    @AfterEach
    void noFileStaysOpen() { // LIFE-3
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void aFailureAtAnyPointOfStagingLeavesNoTraceAndHarmsNothingElse() throws IOException { // SNAP-5
        StagedSnapshot other = watched.stage("g");
        other.write("data", 0, ByteBuffer.wrap(bytes(1, 1000)));
        int failures = 0;
        while (stagesWithFault(++failures)) {
            disk.listen((change, path, target) -> {});
            assertThat(paths(root))
                    .as("after fault %d", failures)
                    .containsExactlyInAnyOrder("g", "g/staging-1", "g/staging-1/data");
        }
        disk.listen((change, path, target) -> {});
        assertThat(failures).isGreaterThan(12);
        other.seal(1, 1, 1);
        watched.publish(other);
        snapshots.verify("g", pointer(1, 1, 1));
        assertThat(undeleted).isEmpty();
    }

    /** Stages a snapshot whose n-th change fails; false if there were not that many. */
    private boolean stagesWithFault(int n) throws IOException {
        AtomicInteger changes = new AtomicInteger();
        EnumSet<Change> counted = EnumSet.of(Change.CREATE, Change.WRITE, Change.FORCE);
        IOException full = new FileSystemException("", null, "No space left on device");
        disk.listen((change, path, target) -> {
            if (counted.contains(change) && changes.incrementAndGet() == n) {
                throw full;
            }
        });
        StagedSnapshot staged = null;
        try {
            staged = watched.stage("g");
            fill(staged, "one", bytes(2, 2 * Buffers.BUFFER_BYTES));
            staged.write("two", 5, ByteBuffer.wrap(bytes(3, 10)));
            fill(staged, "three", bytes(4, 10));
            staged.seal(2, 1, 2);
            return false;
        } catch (IOException e) {
            assertThat(e).isSameAs(full);
            return true;
        } finally {
            if (staged != null) {
                staged.discard();
            }
        }
    }

    @Test
    void whatFailedOnceIsNeverSealed() throws IOException {
        StagedSnapshot staged = watched.stage("g");
        OutputStream out = staged.newFile("data");
        IOException full = new IOException("No space left on device");
        disk.listen((change, path, target) -> {
            throw full;
        });
        assertThatThrownBy(() -> out.write(bytes(1, 2 * Buffers.BUFFER_BYTES))).hasRootCause(full);
        disk.listen((change, path, target) -> {});
        out.close(); // as a caller's try-with-resources does; hides nothing
        assertThatThrownBy(() -> staged.write("data", 0, ByteBuffer.allocate(1)))
                .hasRootCause(full);
        assertThatThrownBy(() -> staged.newFile("more")).hasRootCause(full);
        assertThatThrownBy(() -> staged.seal(1, 1, 1))
                .isInstanceOf(IOException.class)
                .hasRootCause(full)
                .hasMessageContaining("Group 'g'")
                .hasMessageContaining("No space left on device");
        assertThatThrownBy(() -> watched.publish(staged)).isInstanceOf(IllegalStateException.class);
        staged.discard();
        assertThat(paths(root)).isEmpty();
    }

    @Test
    void aSourceThatFailsLeavesNoTrace() throws IOException { // SNAP-5
        StagedSnapshot staged = watched.stage("g");
        assertThatThrownBy(() -> {
                    try (OutputStream out = staged.newFile("data")) {
                        out.write(bytes(1, 100_000));
                        throw new IOException("the source failed");
                    }
                })
                .hasMessage("the source failed");
        staged.discard();
        assertThat(paths(root)).isEmpty();
        assertThatThrownBy(() -> staged.seal(1, 1, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anOpenStreamMayHoldBackBytesAndIsNotCommitted() throws IOException {
        StagedSnapshot staged = watched.stage("g");
        OutputStream out = staged.newFile("data");
        out.write(bytes(1, 10));
        assertThatThrownBy(() -> staged.seal(1, 1, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Group 'g'")
                .hasMessageContaining("data");
        out.close();
        SnapshotPointer pointer = publish(staged, 1, 1, 1);
        snapshots.verify("g", pointer);
        assertThatThrownBy(() -> out.write(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFailedPublicationLeavesAWholeSnapshotOrNone() throws IOException {
        for (Change failing : List.of(Change.RENAME, Change.FORCE)) {
            StagedSnapshot staged = watched.stage("g");
            fill(staged, "data", bytes(1, 1000));
            staged.seal(1, 1, 1);
            disk.listen((change, path, target) -> {
                if (change == failing) {
                    throw new IOException("Input/output error");
                }
            });
            assertThatThrownBy(() -> watched.publish(staged)).hasMessageEndingWith("Input/output error");
            staged.discard(); // must not touch what may be published
            disk.listen((change, path, target) -> {});
            for (SnapshotPointer pointer : snapshots.published("g")) {
                snapshots.verify("g", pointer);
            }
            reopened().removeLeftovers(Map.of());
            assertThat(paths(root)).isEmpty();
        }
    }

    @Test
    void anIdIsNotPublishedTwice() throws IOException {
        SnapshotPointer pointer = publish(snapshots.stage("g"), 1, 1, 1);
        StagedSnapshot again = snapshots.stage("g");
        fill(again, "data", bytes(1, 10));
        assertThatThrownBy(() -> publish(again, 1, 1, 1)).isInstanceOf(IllegalStateException.class);
        again.discard();
        snapshots.verify("g", pointer);
        assertThat(paths(root)).containsExactlyInAnyOrder("g", "g/1-1-1", "g/1-1-1/.manifest");
    }

    @Test
    void aSnapshotIsPublishedOnce() throws IOException {
        StagedSnapshot staged = snapshots.stage("g");
        assertThatThrownBy(() -> snapshots.publish(staged)).isInstanceOf(IllegalStateException.class);
        SnapshotPointer pointer = publish(staged, 1, 1, 1);
        assertThatThrownBy(() -> snapshots.publish(staged)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> staged.seal(2, 1, 2)).isInstanceOf(IllegalStateException.class);
        staged.discard();
        snapshots.verify("g", pointer);
    }

    @Test
    void aReaderOfManyFilesHoldsFewOpenAndNoneAfterIt() throws IOException { // LIFE-3
        StagedSnapshot staged = snapshots.stage("g");
        for (int file = 0; file < 30; file++) {
            fill(staged, "file-" + file, bytes(file, 100));
        }
        SnapshotPointer pointer = publish(staged, 1, 1, 1);
        try (PublishedSnapshot snapshot = watched.open("g", pointer)) {
            for (int round = 0; round < 2; round++) {
                for (int file = 0; file < 30; file++) {
                    ByteBuffer target = ByteBuffer.allocate(100);
                    snapshot.read("file-" + file, 0, target);
                    assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(bytes(file, 100)));
                }
            }
            assertThat(disk.openFiles()).isLessThanOrEqualTo(9);
            snapshot.open("file-0"); // the caller forgets to close it
        }
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void whatWasStagedBeforeADropIsNotPublishedAfterIt() throws IOException {
        StagedSnapshot before = snapshots.stage("g");
        fill(before, "data", bytes(1, 10));
        before.seal(1, 1, 1);
        StagedSnapshot unsealed = snapshots.stage("g");
        OutputStream unfinished = unsealed.newFile("data");
        snapshots.drop("g").run();
        SnapshotPointer pointer = publish(snapshots.stage("g"), 1, 1, 2);
        assertThatThrownBy(() -> snapshots.publish(before)).isInstanceOf(IllegalStateException.class);
        before.discard();
        unfinished.write(1);
        unfinished.close();
        assertThatThrownBy(() -> unsealed.seal(1, 1, 3)).isInstanceOf(IOException.class);
        unsealed.discard();
        assertThat(snapshots.published("g")).containsExactly(pointer);
        assertThat(paths(root)).containsExactlyInAnyOrder("g", "g/1-1-2", "g/1-1-2/.manifest");
    }

    @Test
    void oneFileThatCanNotBeDeletedKeepsNoOther() throws IOException {
        for (String way : List.of("remove", "drop", "discard", "reader")) {
            StagedSnapshot staged = watched.stage("g");
            for (String name : List.of("a", "stubborn", "z")) {
                fill(staged, name, bytes(1, 10));
            }
            staged.seal(1, 1, 1);
            disk.listen((change, path, target) -> {
                if (change == Change.DELETE && path.endsWith("stubborn")) {
                    throw new AccessDeniedException(path.toString());
                }
            });
            if (way.equals("discard")) {
                staged.discard();
            } else {
                watched.publish(staged);
                PublishedSnapshot reader = way.equals("reader") ? watched.open("g", pointer(1, 1, 1)) : null;
                if (way.equals("drop")) {
                    watched.drop("g").run();
                } else {
                    watched.remove("g", pointer(1, 1, 1));
                }
                if (reader != null) {
                    reader.close();
                }
            }
            assertThat(undeleted).as(way).singleElement().matches(path -> path.endsWith("stubborn"));
            assertThat(paths(root))
                    .filteredOn(path -> path.matches(".*/(a|z|.manifest)"))
                    .isEmpty();
            assertThat(snapshots.published("g")).isEmpty();
            disk.listen((change, path, target) -> {});
            reopened().removeLeftovers(Map.of());
            assertThat(paths(root)).isEmpty();
            undeleted.clear();
        }
    }

    @Test
    void whatCanNotBeRenamedStaysWhole() throws IOException {
        SnapshotPointer one = publish(snapshots.stage("g"), 1, 1, 1);
        SnapshotPointer two = publish(snapshots.stage("g"), 2, 1, 2);
        disk.listen((change, path, target) -> {
            if (change == Change.RENAME && path.endsWith("1-1-1")) {
                throw new AccessDeniedException(path.toString());
            }
        });
        watched.removeLeftovers(Map.of("g", Set.of()));
        assertThat(undeleted).containsExactly(disk.watch(root.resolve("g/1-1-1")));
        snapshots.verify("g", one);
        assertThat(snapshots.published("g")).doesNotContain(two);
    }

    @Test
    void nothingIsDeletedBeforeTheRenamingIsDurable() throws IOException {
        SnapshotPointer pointer = publish(snapshots.stage("g"), 1, 1, 1);
        disk.listen((change, path, target) -> {
            if (change == Change.FORCE) {
                throw new IOException("Input/output error");
            }
        });
        PublishedSnapshot reader = watched.open("g", pointer);
        assertThatThrownBy(() -> watched.remove("g", pointer)).hasMessageEndingWith("Input/output error");
        reader.close();
        Path renamed = Deletion.list(root.resolve("g")).get(0);
        assertThat(renamed.resolve(Manifest.NAME)).exists();
        Files.move(renamed, root.resolve("g/1-1-1")); // as a power cut would undo it
        snapshots.verify("g", pointer);
        assertThatThrownBy(() -> watched.drop("g")).hasMessageEndingWith("Input/output error");
        assertThat(paths(root)).anyMatch(path -> path.endsWith(Manifest.NAME));
    }

    @Test
    void whatCanNotBeReadIsDamageToo() throws IOException { // SNAP-6
        StagedSnapshot staged = snapshots.stage("g");
        fill(staged, "data", bytes(1, 1000));
        SnapshotPointer pointer = publish(staged, 1, 1, 1);
        for (String name : List.of("data", Manifest.NAME)) {
            disk.listen((change, path, target) -> {
                if (change == Change.READ && path.endsWith(name)) {
                    throw new IOException("Input/output error");
                }
            });
            assertThatThrownBy(() -> watched.verify("g", pointer))
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining(name + " at offset 0")
                    .hasMessageContaining("Input/output error");
        }
        disk.listen((change, path, target) -> {});
        Files.write(root.resolve("g/1-1-1/added"), new byte[1]);
        assertThatThrownBy(() -> watched.open("g", pointer)).isInstanceOf(StorageException.Corrupted.class);
    }

    @Test
    void aCallersMistakeIsToldAndHarmsNothing() throws IOException {
        StagedSnapshot staged = snapshots.stage("g");
        fill(staged, "data", bytes(1, 10));
        List<Runnable> mistakes = new ArrayList<>();
        mistakes.add(() -> attempt(() -> staged.write("data", -1, ByteBuffer.allocate(1))));
        mistakes.add(() -> attempt(() -> staged.write("data", Long.MAX_VALUE, ByteBuffer.allocate(1))));
        mistakes.add(() -> attempt(() -> staged.configuration(ByteBuffer.allocate(64 * 1024 + 1))));
        mistakes.add(() -> attempt(() -> staged.seal(-1, 1, 1)));
        mistakes.add(() -> attempt(() -> staged.seal(1, -1, 1)));
        for (Runnable mistake : mistakes) {
            assertThatThrownBy(mistake::run).isInstanceOf(IllegalArgumentException.class);
        }
        staged.configuration(ByteBuffer.wrap(bytes(2, 64 * 1024)));
        SnapshotPointer pointer = publish(staged, 1, 1, 1);
        try (PublishedSnapshot snapshot = snapshots.open("g", pointer)) {
            assertThat(snapshot.configuration()).isEqualTo(ByteBuffer.wrap(bytes(2, 64 * 1024)));
            assertThatThrownBy(() -> snapshot.open("other"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[data]");
            assertThatThrownBy(() -> snapshot.read("data", -1, ByteBuffer.allocate(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private static void attempt(Attempt attempt) {
        try {
            attempt.run();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
