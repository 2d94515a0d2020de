// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.directory.DataDirectory.Request;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {

    @TempDir
    Path temporary;

    @Test // LIFE-1
    void aMissingDirectoryBecomesANewStorageWithAllItsParents() throws IOException {
        Path directory = temporary.resolve("a/b/c");
        try (DataDirectory opened = open(directory)) {
            assertThat(opened.created()).isTrue();
            assertThat(opened.endedCleanly()).isTrue();
            assertThat(opened.provenSequence()).isZero();
            assertThat(opened.data().resolve("engine")).content().isEqualTo("made");
            assertThat(opened.snapshots()).isEmptyDirectory();
            assertThat(names(directory))
                    .containsExactly("IDENTITY", "LOCK", "LOCK.holder", "MARK", "data", "snapshots");
            opened.checkLoaded(0);
        }
    }

    @Test
    void whatIsCreatedIsForItsOwnerOnly() throws IOException {
        Path directory = temporary.resolve("a/b");
        open(directory).close();
        try (Stream<Path> all = Files.walk(temporary.resolve("a"))) {
            assertThat(all.filter(path -> !path.endsWith("engine"))) // the backend's own
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .endsWith("------"));
        }
    }

    @Test // LIFE-2
    void aStorageOpensAgainWithTheSameIdentity() throws IOException {
        DataDirectory opened = open(temporary);
        UUID storageId = opened.storageId();
        opened.close();
        opened.close();
        try (DataDirectory again = open(temporary)) {
            assertThat(again.storageId()).isEqualTo(storageId);
            assertThat(again.created()).isFalse();
            assertThat(again.endedCleanly()).isTrue();
        }
    }

    @Test // DAMAGE-2
    void theMarkOutlivesACrash() throws IOException {
        try (DataDirectory opened = open(temporary)) {
            opened.beginChanges();
            opened.mark(7);
            opened.mark(9);
        }
        try (DataDirectory again = open(temporary)) {
            assertThat(again.provenSequence()).isEqualTo(9);
            assertThat(again.endedCleanly()).isFalse();
            again.checkLoaded(9);
            again.checkLoaded(12);
            assertThatThrownBy(() -> again.checkLoaded(8))
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContainingAll("ends at change 8", "change 9 was acknowledged", "1 changes are missing");
        }
    }

    @Test // DAMAGE-2
    void afterACleanEndTheLoadedStateIsExactlyThatOne() throws IOException {
        try (DataDirectory opened = open(temporary)) {
            opened.beginChanges();
            opened.markCleanEnd(5);
        }
        try (DataDirectory again = open(temporary)) {
            assertThat(again.provenSequence()).isEqualTo(5);
            assertThat(again.endedCleanly()).isTrue();
            again.checkLoaded(5);
            assertThatThrownBy(() -> again.checkLoaded(4)).isInstanceOf(StorageException.Corrupted.class);
            assertThatThrownBy(() -> again.checkLoaded(6))
                    .isInstanceOf(StorageException.Corrupted.class)
                    .hasMessageContaining("closed at change 5");
            again.beginChanges();
        }
        try (DataDirectory third = open(temporary)) {
            assertThat(third.endedCleanly()).isFalse();
            assertThat(third.provenSequence()).isEqualTo(5);
        }
    }

    @Test
    void aVolatileStorageHasNoMark() throws IOException {
        Request request = new Request(temporary, null, "memory", true, false);
        for (int round = 0; round < 2; round++) {
            try (DataDirectory opened = DataDirectory.open(request, (data, id) -> {})) {
                opened.beginChanges();
                opened.mark(3);
                opened.checkLoaded(0);
                assertThat(names(temporary)).doesNotContain("MARK");
                assertThat(opened.endedCleanly()).isTrue();
            }
        }
    }

    @Test
    void aSecondOpeningIsRefusedAndNamesTheHolder() throws IOException { // LIFE-4
        try (DataDirectory opened = open(temporary)) {
            assertThatThrownBy(() -> open(temporary))
                    .isInstanceOf(StorageException.Locked.class)
                    .hasMessageContainingAll(
                            temporary.toString(),
                            "process " + ProcessHandle.current().pid());
            opened.beginChanges();
        }
        open(temporary).close();
    }

    private static DataDirectory open(Path directory) throws IOException {
        return DataDirectory.open(
                new Request(directory, null, "files", true, true),
                (data, storageId) -> Files.writeString(data.resolve("engine"), "made"));
    }

    private static Stream<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList().stream();
        }
    }
}
