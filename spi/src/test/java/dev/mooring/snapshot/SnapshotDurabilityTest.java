// SPDX-License-Identifier: Apache-2.0
package dev.mooring.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.snapshot.WatchedDisk.Change;
import dev.mooring.spi.SnapshotPointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a power cut may take, whenever it comes, is not missed: every write and every name is forced in time: CRASH-5. */
class SnapshotDurabilityTest extends SnapshotTest {

    private final WatchedDisk disk = new WatchedDisk();
    private final Set<Path> unforced = new TreeSet<>(); // files written and directories changed since they were forced
    private final Set<Path> unforcedAtRename = new HashSet<>();
    private SnapshotFiles watched;

    @BeforeEach
    void watch() {
        watched = new SnapshotFiles(disk.watch(root), STORAGE, (path, cause) -> undeleted.add(path));
        disk.listen(this::note);
    }

    @AfterEach
    void noFileStaysOpen() { // LIFE-3
        assertThat(disk.openFiles()).isZero();
    }

    private void note(Change change, Path path, @Nullable Path target) {
        switch (change) {
            case READ -> {}
            case WRITE -> unforced.add(path);
            case CREATE -> {
                unforced.add(path);
                unforced.add(path.getParent());
            }
            case FORCE -> unforced.remove(path);
            case RENAME -> {
                unforced.stream().filter(name -> name.startsWith(path)).forEach(unforcedAtRename::add);
                unforced.removeIf(name -> name.startsWith(path));
                unforced.add(path.getParent());
                unforced.add(target.getParent());
            }
            case DELETE -> {
                unforced.remove(path);
                if (path.startsWith(root.resolve("g/1-1-1"))) {
                    throw new AssertionError(path + " is deleted under its published name");
                }
                if (unforced.contains(root.resolve("g"))) {
                    throw new AssertionError(path + " is deleted before the renaming of its directory is forced");
                }
            }
        }
    }

    @Test
    void everythingIsForcedBeforeItIsPublishedAndThePublicationToo() throws IOException {
        for (int id = 1; id <= 3; id++) {
            StagedSnapshot staged = watched.stage("g");
            fill(staged, "streamed", bytes(1, 3 * Buffers.BUFFER_BYTES + 5));
            fill(staged, "empty", new byte[0]);
            for (int file = 0; file < 40; file++) { // more than stay open, in turns, out of order
                for (int chunk = 2; chunk >= 0; chunk--) {
                    staged.write("chunks-" + file, chunk * 70_000L, ByteBuffer.wrap(bytes(chunk, 50_000)));
                    staged.write("in-turns", file * 100_000L, ByteBuffer.wrap(bytes(chunk, 10)));
                }
            }
            assertThat(disk.openFiles()).isLessThanOrEqualTo(16);
            staged.write("streamed", 7, ByteBuffer.wrap(bytes(2, 3)));
            SnapshotPointer pointer = pointer(id, 1, id);
            staged.seal(id, 1, id);
            watched.publish(staged);
            assertThat(unforcedAtRename).isEmpty();
            assertThat(unforced).isEmpty();
            snapshots.verify("g", pointer);
        }
    }

    @Test
    void aRemovedSnapshotCanNotComeBackInPart() throws IOException {
        StagedSnapshot staged = watched.stage("g");
        fill(staged, "data", bytes(1, 10));
        staged.seal(1, 1, 1);
        watched.publish(staged);
        watched.remove("g", pointer(1, 1, 1));
        staged = watched.stage("g");
        fill(staged, "data", bytes(1, 10));
        staged.seal(2, 1, 2);
        watched.publish(staged);
        watched.removeLeftovers(Map.of());
        assertThat(paths(root)).isEmpty();
    }

    @Test
    void aDroppedGroupIsGoneBeforeItsNameIsUsedAgain() throws IOException {
        StagedSnapshot staged = watched.stage("g");
        fill(staged, "data", bytes(1, 10));
        staged.seal(1, 1, 1);
        watched.publish(staged);
        disk.listen((change, path, target) -> {
            if (change == Change.DELETE) {
                assertThat(unforced).isEmpty();
            }
            note(change, path, target);
        });
        watched.drop("g").run();
        assertThat(unforced).isEmpty();
        assertThat(watched.groups()).isEmpty();
    }

    @Test
    void aDirectoryThatAnEarlierProcessMadeIsForcedAgain() throws IOException {
        watched.stage("g");
        unforced.add(root); // it may have died before it forced the group's name
        SnapshotFiles next = new SnapshotFiles(disk.watch(root), STORAGE, (path, cause) -> undeleted.add(path));
        StagedSnapshot staged = next.stage("g");
        staged.seal(1, 1, 1);
        next.publish(staged);
        assertThat(unforced).doesNotContain(root, root.resolve("g"));
    }
}
