// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DAMAGE-3, FAULT-4: a slip in the path never makes an empty log, and no message leads to one. */
class InsideTest {

    @TempDir
    Path directory;

    private Path storage;

    @BeforeEach
    void make() throws IOException {
        storage = directory.resolve("storage");
        Fixture.closedStorage(storage, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"data", "data/new", "new", "new/deeper"})
    void whatIsInsideAStorageIsNoPlaceForAnother(String inside) throws IOException {
        Map<String, String> before = Fixture.contents(storage);
        assertThatThrownBy(() -> Fixture.open(storage.resolve(inside)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll("is inside the storage in " + storage, "set mooring.directory=" + storage);
        assertThat(Fixture.contents(storage)).isEqualTo(before);
    }

    @Test
    void anEnginesOwnIdentityIsNoDamageOfOurs() throws IOException { // RocksDB has one
        Files.writeString(storage.resolve("data/IDENTITY"), "6ac6fd1b-6a4d-4a9a-9aa1-6f3f1c6c3a53");
        assertThatThrownBy(() -> Fixture.open(storage.resolve("data")))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("is inside the storage in " + storage);
    }

    @Test
    void aStorageThatIsInsideAnotherFromBeforeGoesOn() throws IOException {
        Path inner = directory.resolve("inner");
        Fixture.closedStorage(inner, 3);
        Path moved = Files.move(inner, storage.resolve("inner"));
        Fixture.open(moved).close();
    }

    @Test
    void nobodyIsToldToEmptyADirectory() throws IOException {
        Path foreign = Files.createDirectory(directory.resolve("foreign"));
        Files.writeString(foreign.resolve("letter.txt"), "dear");
        assertThatThrownBy(() -> Fixture.open(foreign))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("letter.txt")
                .hasMessageNotContaining("empty this");
    }

    @Test
    void aFileInThePlaceOfADirectoryIsNoReasonToGoElsewhere() throws IOException {
        Files.delete(storage.resolve("snapshots"));
        Files.writeString(storage.resolve("snapshots"), "");
        assertThatThrownBy(() -> Fixture.open(storage))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("snapshots: not a directory. It has to be a directory of this storage")
                .hasMessageNotContaining("Set mooring.directory");
    }

    @Test
    void ofANodesStorageTheMessageSaysHowItWasOpened() throws IOException {
        Fixture.open(directory, "n1").close();
        String remedy = "set mooring.directory=" + directory + " and mooring.node=n1";
        assertThatThrownBy(() -> Fixture.open(directory.resolve("n1"))).hasMessageContaining(remedy);
        assertThatThrownBy(() -> Fixture.open(directory.resolve("n1"), "n1")).hasMessageContaining(remedy);
    }
}
