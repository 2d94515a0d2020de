// SPDX-License-Identifier: Apache-2.0
package dev.mooring.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.StorageInfo;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The target of a migration is no storage before the migration has come to its end, and no place for a new one. */
final class UnfinishedMigrationTest {

    private static final String COMMAND = "mooring migrate --from /a --to /b --backend files";

    @TempDir
    Path temporary;

    @Test
    void aTargetThatIsEmptyButForTheMarkIsNoPlaceForANewStorage() throws IOException {
        Path target = marked(Files.createDirectory(temporary.resolve("target")));
        refusedAndUntouched(target, () -> Fixture.open(target));
    }

    @Test
    void aTargetThatLooksCompleteIsNoneWhileTheMarkIsThere() throws IOException {
        Path target = marked(Fixture.closedStorage(temporary.resolve("target"), 7));
        refusedAndUntouched(target, () -> Fixture.open(target));
        refusedAndUntouched(target, () -> StorageInfo.read(target));
        Files.delete(target.resolve("MIGRATION"));
        Fixture.open(target).close();
    }

    @Test
    void aNodesTargetIsRefusedToThatNodeAndAnUnfinishedStorageToAllNodes() throws IOException {
        Path shared = temporary.resolve("shared");
        Path target = marked(Files.createDirectories(shared.resolve("n1")));
        refusedAndUntouched(target, () -> Fixture.open(shared, "n1"));
        Path storage = marked(Files.createDirectory(temporary.resolve("storage")));
        assertThatThrownBy(() -> Fixture.open(storage, "n1"))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("it has MIGRATION");
    }

    @Test
    void whateverTheMarkSaysItIsAMark() throws IOException {
        Path target = Files.createDirectory(temporary.resolve("target"));
        Files.write(target.resolve("MIGRATION"), new byte[100_000]);
        refused(() -> Fixture.open(target));
        Files.write(target.resolve("MIGRATION"), new byte[] {-1, 27, 7, 10, 'x'});
        assertThatThrownBy(() -> Fixture.open(target)).hasMessageNotContaining("\u001b");
        Files.delete(target.resolve("MIGRATION"));
        Files.createSymbolicLink(target.resolve("MIGRATION"), temporary.resolve("nowhere"));
        refused(() -> Fixture.open(target));
    }

    private static Path marked(Path directory) throws IOException {
        Files.writeString(directory.resolve("MIGRATION"), COMMAND + "\n");
        return directory;
    }

    private static void refusedAndUntouched(Path target, ThrowingCallable opening) throws IOException {
        Map<String, String> before = Fixture.contents(target);
        refused(opening);
        assertThatThrownBy(opening).hasMessageContaining("same command again: " + COMMAND + ", or give it up: set");
        assertThat(Fixture.contents(target)).isEqualTo(before);
    }

    private static void refused(ThrowingCallable opening) {
        assertThatThrownBy(opening)
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("has not come to its end");
    }
}
