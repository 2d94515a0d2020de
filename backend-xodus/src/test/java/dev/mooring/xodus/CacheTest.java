// SPDX-License-Identifier: Apache-2.0
package dev.mooring.xodus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jetbrains.exodus.InvalidSettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache that does not fit into the heap. */
class CacheTest {

    private static final Map<String, String> SMALL = Map.of("file-bytes", "256KiB", "cache-bytes", "4MiB");
    private static final Map<String, String> AS_LARGE_AS_THE_HEAP =
            Map.of("file-bytes", "256KiB", "cache-bytes", "64MiB");

    @TempDir
    Path directory;

    @Test
    void aCacheAsLargeAsTheHeapIsRefusedByName() throws Exception { // PROV-3
        Child.End end = new Child().with("-Xmx64m").run(getClass(), "opensWithALargeCache", directory);
        assertThat(end.status()).as(end.output()).isZero();
    }

    static void opensWithALargeCache(Path directory) throws IOException {
        Path data = directory.resolve("data");
        assertRefused(data, 0, true);
        assertThat(data).isEmptyDirectory();
        try (StorageBackend backend = Backends.open(data, SMALL, 0, true)) {
            backend.saveEntries(1, List.of(Backends.run("g", 0, 3, 500)));
        }
        assertRefused(data, 1, true);
        assertRefused(data, 1, false);
        try (StorageBackend backend = Backends.open(data, SMALL, 1, true)) {
            assertThat(Backends.read(backend, "g", 0, 9)).hasSize(3);
        }
    }

    private static void assertRefused(Path data, long proven, boolean endedCleanly) {
        assertThatThrownBy(() -> Backends.open(data, AS_LARGE_AS_THE_HEAP, proven, endedCleanly))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("mooring.xodus.cache-bytes is 67108864")
                .hasMessageContaining("-Xmx");
    }

    @Test
    void aSettingThatXodusDoesNotTakeIsNoDamage() { // DAMAGE-2
        InvalidSettingException e = new InvalidSettingException("page size");
        assertThat(Faults.reading(Path.of("data"), "it can not be opened", e))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("page size");
    }
}
