// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.directory.DataDirectory.Request;
import dev.mooring.hooks.FileHook.Operation;
import dev.mooring.hooks.HookedFileSystem;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several nodes side by side in one directory. */
final class NodesTest {

    @TempDir
    Path directory;

    @Test
    void nodesLiveSideBySideEachWithItsOwnLockAndIdentity() throws IOException {
        try (DataDirectory one = Fixture.open(directory, "n1");
                DataDirectory two = Fixture.open(directory, "n2")) {
            assertThat(one.root()).isEqualTo(directory.resolve("n1"));
            assertThat(two.root()).isEqualTo(directory.resolve("n2"));
            assertThat(one.storageId()).isNotEqualTo(two.storageId());
            assertThatThrownBy(() -> Fixture.open(directory, "n2")).isInstanceOf(StorageException.Locked.class);
        }
        Fixture.open(directory, "n2").close();
    }

    @Test
    void anotherNodesDirectoryIsRefusedAndUntouched() throws IOException {
        Fixture.open(directory, "n1").close();
        Files.move(directory.resolve("n1"), directory.resolve("n2"));
        Map<String, String> before = Fixture.contents(directory);
        assertThatThrownBy(() -> Fixture.open(directory, "n2"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll("belongs to node 'n1'", "node 'n2' is configured");
        assertThatThrownBy(() -> Fixture.open(directory.resolve("n2")))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll("belongs to node 'n1'", "no node is configured");
        assertThat(Fixture.contents(directory)).isEqualTo(before);
    }

    @Test
    void aStorageWithoutNodeIsNotANodes() throws IOException {
        Fixture.open(directory.resolve("n1")).close();
        assertThatThrownBy(() -> Fixture.open(directory, "n1"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll("belongs to a storage without node", "node 'n1' is configured");
    }

    @Test
    void aStorageHoldsNoNodes() throws IOException {
        Fixture.open(directory).close();
        Map<String, String> before = Fixture.contents(directory);
        assertThatThrownBy(() -> Fixture.open(directory, "n1"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(directory + " is a storage itself", "can not hold node 'n1'");
        assertThat(Fixture.contents(directory)).isEqualTo(before);
    }

    @Test
    void aDirectoryOfNodesIsNoStorage() throws IOException {
        Fixture.open(directory, "n2").close();
        Fixture.open(directory, "n1").close();
        Map<String, String> before = Fixture.contents(directory);
        assertThatThrownBy(() -> Fixture.open(directory))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll("holds the nodes n1, n2", "Set mooring.node");
        assertThat(Fixture.contents(directory)).isEqualTo(before);
    }

    @Test
    void aNodeThatIsOnlyBegunCounts() throws IOException {
        Files.createDirectory(directory.resolve("n1"));
        Files.writeString(directory.resolve("n1/IDENTITY.tmp"), "");
        assertThatThrownBy(() -> Fixture.open(directory))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("holds the nodes n1");
    }

    @Test
    void ofTwoThatBeginAtTheSameMomentTheLaterStandsBack() throws IOException {
        // the other looks before this one began, and begins before this one looks again
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.CREATE && path.equals(directory.resolve("n1/IDENTITY.tmp"))) {
                Files.writeString(directory.resolve("IDENTITY.tmp"), "");
            }
        });
        assertThatThrownBy(() -> Fixture.open(hooked, "n1"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("is a storage itself");
        assertThat(directory.resolve("n1/IDENTITY.tmp")).doesNotExist();
        Fixture.open(directory).close();
    }

    @Test
    void aStorageStandsBackBehindANodeThatBeginsAtTheSameMoment() throws IOException {
        Path hooked = HookedFileSystem.over(directory, (operation, path) -> {
            if (operation == Operation.CREATE && path.equals(directory.resolve("IDENTITY.tmp"))) {
                Files.createDirectory(directory.resolve("n1"));
                Files.writeString(directory.resolve("n1/IDENTITY.tmp"), "");
            }
        });
        assertThatThrownBy(() -> Fixture.open(hooked))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("holds the nodes n1");
        Fixture.open(directory, "n1").close();
    }

    @Test
    void namesThatDifferOnlyInCaseDoNotCollideSilently() throws IOException {
        try (DataDirectory upper = Fixture.open(directory, "Node")) {
            // what a disk that ignores case does: two names, one directory
            Files.createSymbolicLink(directory.resolve("node"), directory.resolve("Node"));
            assertThatThrownBy(() -> Fixture.open(directory, "node"))
                    .isInstanceOf(StorageException.Refused.class)
                    .hasMessageContainingAll("belongs to node 'Node'", "node 'node' is configured", "ignores case");
            upper.beginChanges();
        }
    }

    @Test
    void aNodesDirectoryMayBeALinkToAnotherDisk() throws IOException {
        Path disk = Files.createDirectories(directory.resolve("disk/n1"));
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Files.createSymbolicLink(shared.resolve("n1"), disk);
        try (DataDirectory opened = Fixture.open(shared, "n1")) {
            assertThat(opened.root()).isEqualTo(disk.toRealPath());
        }
        Fixture.open(shared, "n1").close();
    }

    @Test
    void neverCreatingRefusesANodeThatIsNotThere() throws IOException {
        Fixture.open(directory, "n1").close();
        assertThatThrownBy(() -> Fixture.open(new Request(directory, "n2", "files", false, true)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining(directory.resolve("n2") + " does not exist");
        assertThat(directory.resolve("n2")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "a/b",
                "../n",
                "a\\b",
                ".n",
                "n.",
                "n 1",
                "n:1",
                "data",
                "con",
                "NUL",
                "aux.1",
                "com1",
                "Snapshots",
                "LOCK"
            })
    void aNameThatIsNoDirectoryOfItsOwnIsRefused(String node) throws IOException {
        assertThatThrownBy(() -> Fixture.open(directory, node))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll("mooring.node is '" + node + "'", "1 to 64 characters");
        assertThat(Fixture.contents(directory)).hasSize(1);
    }

    @Test
    void theLongestNameIs64Characters() throws IOException {
        Fixture.open(directory, "n".repeat(64)).close();
        assertThatThrownBy(() -> Fixture.open(directory, "n".repeat(65))).isInstanceOf(StorageException.Refused.class);
        Fixture.open(directory, "n").close();
    }
}
