// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.directory.DataDirectory.Request;
import dev.mooring.hooks.FileHook;
import dev.mooring.hooks.FileHook.Operation;
import dev.mooring.hooks.HookedFileSystem;
import dev.mooring.hooks.Unforced;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A first start that is cut short anywhere; what is taken for the place of a new storage, and what is not. */
final class FirstInitialisationTest {

    @TempDir
    Path temporary;

    @Test // CRASH-1
    void aFirstStartKilledAtAnyStepIsBegunAgain() throws IOException {
        int steps = 0;
        while (killedAt(steps, temporary.resolve("s" + steps + "/a/b"))) {
            assertIsWhole(withoutSyncs(temporary.resolve("s" + steps + "/a/b")));
            steps++;
        }
        assertThat(steps).isBetween(25, 200);
    }

    @Test // CRASH-2
    void aSecondStartKilledAtAnyStepIsBegunAgain() throws IOException {
        for (int first = 5; killedAt(first, temporary.resolve("f" + first)); first += 13) {
            for (int second = 0; ; second++) {
                Path directory = temporary.resolve(first + "-" + second);
                killedAt(first, directory);
                boolean killed = killedAt(second, directory);
                assertIsWhole(withoutSyncs(directory));
                if (!killed) {
                    break;
                }
            }
        }
    }

    @Test // CRASH-3
    void nothingIsLeftUnforcedWhenTheStorageIsOpen() throws IOException {
        Unforced unforced = new Unforced();
        List<Path> atTheEnd = new ArrayList<>();
        Path directory = HookedFileSystem.over(temporary, (operation, path) -> {
                    if (operation == Operation.MOVE && path.endsWith("IDENTITY")) {
                        atTheEnd.addAll(unforced.paths());
                    }
                    unforced.before(operation, path);
                })
                .resolve("a/b");
        Path real = temporary.resolve("a/b");
        List<Path> holder =
                List.of(real.resolve("LOCK"), real.resolve("LOCK.holder")); // worth nothing after a power cut
        try (DataDirectory opened = Fixture.open(directory)) {
            assertThat(unforced.paths()).isSubsetOf(holder);
            assertThat(atTheEnd).isSubsetOf(holder); // IDENTITY, which makes it count, comes after all of it
            opened.beginChanges();
            opened.mark(4);
            opened.markCleanEnd(5);
            assertThat(unforced.paths()).isSubsetOf(holder);
        }
    }

    @Test // CRASH-2
    void aDirectoryFoundEmptyIsMadeDurableTooForItsMakerMayHaveBeenKilled() throws IOException {
        Path root = Files.createDirectories(temporary.resolve("a/b"));
        List<Path> forced = new ArrayList<>();
        Path hooked = HookedFileSystem.over(root, (operation, path) -> {
            if (operation == Operation.FORCE) {
                forced.add(path);
            }
            if (operation == Operation.CREATE && path.endsWith("IDENTITY.tmp")) {
                assertThat(forced).contains(root.getParent());
            }
        });
        Fixture.open(hooked).close();
        assertThat(root.resolve("IDENTITY")).exists();
    }

    @Test // CRASH-3
    void theBeginningIsDurableBeforeAnythingElseIsThere() throws IOException {
        Unforced unforced = new Unforced();
        Path directory = HookedFileSystem.over(temporary, (operation, path) -> {
            if (operation == Operation.CREATE_DIRECTORY && path.endsWith("data.tmp")) {
                assertThat(temporary.resolve("IDENTITY.tmp")).exists();
                assertThat(unforced.paths()).doesNotContain(temporary, temporary.resolve("IDENTITY.tmp"));
            }
            if (operation == Operation.MOVE && path.endsWith("data")) {
                assertThat(unforced.paths()).noneMatch(open -> open.startsWith(temporary.resolve("data.tmp")));
            }
            unforced.before(operation, path);
        });
        Fixture.open(directory).close();
        assertThat(temporary.resolve("IDENTITY")).exists();
    }

    @Test // CRASH-4
    void whatAFailedSyncOfTheLastStepLeftIsWrittenAgainBeforeTheFirstChange() throws IOException {
        boolean[] renamed = {false};
        Path failing = HookedFileSystem.over(temporary, (operation, path) -> {
            renamed[0] |= operation == Operation.MOVE && path.endsWith("IDENTITY");
            if (renamed[0] && operation == Operation.FORCE) {
                throw new IOException("Input/output error");
            }
        });
        assertThatThrownBy(() -> Fixture.open(failing)).isInstanceOf(StorageException.Failed.class);
        List<String> steps = new ArrayList<>();
        Path hooked = HookedFileSystem.over(temporary, (operation, path) -> {
            if (operation.isMutating()) {
                steps.add(operation + " " + path.getFileName());
            }
        });
        try (DataDirectory opened = Fixture.open(hooked)) {
            assertThat(opened.created()).isFalse();
            steps.clear();
            opened.beginChanges();
            String root = temporary.getFileName().toString();
            assertThat(steps)
                    .containsSubsequence(
                            "WRITE IDENTITY.tmp",
                            "FORCE IDENTITY.tmp",
                            "MOVE IDENTITY",
                            "FORCE " + root,
                            "WRITE MARK",
                            "FORCE MARK");
        }
        Fixture.open(temporary).close();
        assertThat(temporary.resolve("IDENTITY.tmp")).doesNotExist();
    }

    @Test
    void aBeginningBesideAnIdentityIsForgotten() throws IOException {
        Fixture.closedStorage(temporary, 5);
        Files.copy(temporary.resolve("IDENTITY"), temporary.resolve("IDENTITY.tmp"));
        try (DataDirectory opened = Fixture.open(temporary)) {
            assertThat(opened.provenSequence()).isEqualTo(5);
            assertThat(temporary.resolve("IDENTITY.tmp")).doesNotExist();
        }
        Files.delete(temporary.resolve("IDENTITY"));
        assertThatThrownBy(() -> Fixture.open(temporary)).isInstanceOf(StorageException.Corrupted.class);
    }

    @ParameterizedTest // DAMAGE-3
    @ValueSource(strings = {"data", "MARK", "snapshots"})
    void partOfAStorageWithoutIdentityIsDamageAndUntouched(String left) throws IOException {
        Fixture.closedStorage(temporary.resolve("storage"), 5);
        Path directory = Files.createDirectory(temporary.resolve("left"));
        Files.move(temporary.resolve("storage").resolve(left), directory.resolve(left));
        assertDamagedAndUntouched(directory, left + " but no IDENTITY");
    }

    @ParameterizedTest // DAMAGE-3
    @ValueSource(strings = {"data", "MARK", "IDENTITY"})
    void aStorageWithAPartMissingIsDamageAndUntouched(String missing) throws IOException {
        Fixture.closedStorage(temporary.resolve("storage"), 5);
        Files.move(temporary.resolve("storage").resolve(missing), temporary.resolve("gone"));
        assertDamagedAndUntouched(temporary.resolve("storage"), "again as a new member");
    }

    @Test
    void missingSnapshotsAreAnEmptyDirectoryThatACopyLeftOut() throws IOException {
        Fixture.closedStorage(temporary, 5);
        Files.delete(temporary.resolve("snapshots"));
        try (DataDirectory opened = Fixture.open(temporary)) {
            assertThat(opened.snapshots()).isEmptyDirectory();
        }
    }

    @Test // DAMAGE-2
    void aBeginningDoesNotThrowAwayWhatTheMarkProves() throws IOException {
        Fixture.closedStorage(temporary, 5);
        Files.move(temporary.resolve("IDENTITY"), temporary.resolve("IDENTITY.tmp"));
        assertDamagedAndUntouched(temporary, "MARK proves that changes were acknowledged");
    }

    @Test // DAMAGE-2
    void aBeginningDoesNotThrowAwaySnapshots() throws IOException {
        Files.writeString(temporary.resolve("IDENTITY.tmp"), "");
        Files.createDirectories(temporary.resolve("snapshots/g"));
        assertDamagedAndUntouched(temporary, "snapshots/ is not empty");
    }

    @Test // CRASH-1
    void anEnginesOwnFilesOfABeginningAreNotTakenForANode() throws IOException {
        Files.writeString(temporary.resolve("IDENTITY.tmp"), "");
        Files.createDirectory(temporary.resolve("data.tmp"));
        Files.writeString(temporary.resolve("data.tmp/IDENTITY"), "RocksDB has a file of this name");
        assertIsWhole(temporary);
    }

    @Test // CRASH-3
    void tornFilesOfABeginningAreThrownAway() throws IOException {
        Files.write(temporary.resolve("IDENTITY.tmp"), new byte[17]);
        Files.write(temporary.resolve("MARK"), new byte[5000]);
        Files.createDirectories(temporary.resolve("data/deep/er"));
        Files.write(temporary.resolve("data/deep/er/file"), new byte[9]);
        Files.createDirectories(temporary.resolve("data.tmp/x"));
        Files.createDirectory(temporary.resolve("snapshots"));
        assertIsWhole(temporary);
    }

    @Test
    void aLinkInABeginningIsRemovedAndNotFollowed() throws IOException {
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("precious"), "keep");
        Path directory =
                Files.createDirectories(temporary.resolve("storage/data.tmp")).getParent();
        Files.writeString(directory.resolve("IDENTITY.tmp"), "");
        Files.createSymbolicLink(directory.resolve("data.tmp/link"), elsewhere);
        assertIsWhole(directory);
        assertThat(elsewhere.resolve("precious")).content().isEqualTo("keep");
    }

    @ParameterizedTest
    @ValueSource(strings = {"notes.txt", ".hidden", "data.tmp", "LOCK.old", "identity"})
    void aDirectoryWithFilesOfSomebodyElseIsRefusedAndUntouched(String foreign) throws IOException {
        Files.writeString(temporary.resolve(foreign), "mine");
        Map<String, String> before = Fixture.contents(temporary);
        assertThatThrownBy(() -> Fixture.open(temporary))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(
                        temporary.toString(), "is not empty: it has " + foreign, "Nothing was changed");
        assertThat(Fixture.contents(temporary)).isEqualTo(before);
    }

    @Test
    void lockFilesAndAFreshDisksLostAndFoundAreNoContents() throws IOException {
        Files.createFile(temporary.resolve("LOCK"));
        Files.createFile(temporary.resolve("LOCK.holder"));
        Files.createDirectory(temporary.resolve("lost+found"));
        assertIsWhole(temporary);
    }

    @Test
    void filesBesideAStorageAreLeftAlone() throws IOException {
        Fixture.closedStorage(temporary, 5);
        Files.writeString(temporary.resolve("notes.txt"), "mine");
        Fixture.open(temporary).close();
        assertThat(temporary.resolve("notes.txt")).content().isEqualTo("mine");
    }

    @Test
    void neverCreatingRefusesWhatIsMissingEmptyOrOnlyBegun() throws IOException {
        Path missing = temporary.resolve("missing");
        Path empty = Files.createDirectory(temporary.resolve("empty"));
        Path begun = Files.createDirectory(temporary.resolve("begun"));
        Files.writeString(begun.resolve("IDENTITY.tmp"), "");
        Map<String, String> before = Fixture.contents(temporary);
        Map<Path, String> words = new TreeMap<>(
                Map.of(missing, "does not exist", empty, "is empty", begun, "holds only the beginning of a storage"));
        words.forEach((directory, word) -> assertThatThrownBy(() -> Fixture.open(never(directory)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(directory + " " + word, "mooring.create=never", "the disk is mounted"));
        assertThat(Fixture.contents(temporary)).isEqualTo(before);
        Fixture.open(empty).close();
        Fixture.open(never(empty)).close();
    }

    @Test
    void aBackendThatFailsIsAskedAgainNextTime() throws IOException {
        Request request = new Request(temporary, null, "files", true, true);
        assertThatThrownBy(() -> DataDirectory.open(request, (data, id) -> {
                    Files.writeString(data.resolve("half"), "half");
                    throw new StorageException.Refused("no such option");
                }))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessage("no such option");
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("LOCK", "LOCK.holder");
        }
        assertIsWhole(temporary);
        assertThat(temporary.resolve("data/half")).doesNotExist();
    }

    private static Request never(Path directory) {
        return new Request(directory, null, "files", false, true);
    }

    private static void assertDamagedAndUntouched(Path directory, String message) throws IOException {
        Map<String, String> before = Fixture.contents(directory);
        before.keySet().removeIf(name -> name.startsWith("LOCK")); // a lock may be taken to find out
        assertThatThrownBy(() -> Fixture.open(directory))
                .isInstanceOf(StorageException.Corrupted.class)
                .hasMessageContaining(message);
        Map<String, String> after = Fixture.contents(directory);
        after.keySet().removeIf(name -> name.startsWith("LOCK"));
        assertThat(after).isEqualTo(before);
    }

    /** Opens until the n-th step that changes anything, which fails like every later one. */
    private static boolean killedAt(int step, Path directory) throws IOException {
        FileHook dying = HookedFileSystem.dyingAt(step, () -> new IOException("killed"));
        Path hooked = HookedFileSystem.over(directory.getRoot(), dying).resolve(directory.toString());
        try {
            Fixture.open(hooked).close();
            return false;
        } catch (StorageException.Failed e) {
            assertThat(e).hasMessageContaining("killed");
            return true;
        }
    }

    private static Path withoutSyncs(Path directory) {
        return HookedFileSystem.over(directory, (operation, path) -> {});
    }

    private static void assertIsWhole(Path directory) throws IOException {
        try (DataDirectory opened = Fixture.open(directory)) {
            assertThat(opened.data().resolve("engine"))
                    .content()
                    .isEqualTo(opened.storageId().toString());
            assertThat(opened.data().resolve("log/1")).isNotEmptyFile();
            assertThat(opened.snapshots()).isEmptyDirectory();
            assertThat(directory.resolve("IDENTITY.tmp")).doesNotExist();
            assertThat(directory.resolve("data.tmp")).doesNotExist();
            assertThat(opened.endedCleanly()).isTrue();
            opened.checkLoaded(0);
            opened.beginChanges();
        }
    }
}
