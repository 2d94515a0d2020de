// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.spi.Durability;
import dev.mooring.spi.Option;
import dev.mooring.spi.Options;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one setting that can lose data says so, and has to be asked for twice. */
class SyncOptionTest {

    private static final Map<String, String> NEVER = Map.of("sync", "never");

    @TempDir
    Path directory;

    private final RocksDbStorageProvider provider = new RocksDbStorageProvider();

    @Test
    void onlySyncDecidesAboutDurability() throws StorageException { // CRASH-3
        assertThat(durability(Map.of())).isEqualTo(Durability.POWER_LOSS);
        assertThat(durability(Map.of("sync", "never"))).isEqualTo(Durability.PROCESS_CRASH);
        Map<String, String> all =
                Map.of("write-buffer-bytes", "1MiB", "block-cache-bytes", "1MiB", "compression", "zstd");
        assertThat(durability(all)).isEqualTo(Durability.POWER_LOSS);
    }

    @Test
    void itsHelpSaysWhatItLoses() {
        assertThat(provider.options())
                .filteredOn(option -> option.name().equals("sync"))
                .singleElement()
                .extracting(Option::help)
                .asString()
                .contains("a power cut loses acknowledged entries", "Corrupted");
    }

    @Test
    void lessThanIsConfiguredIsRefused() throws IOException { // PROV-3
        StorageConfig config = StorageConfig.of(Map.of("mooring.backend", "rocksdb", "mooring.rocksdb.sync", "never"))
                .withDirectory(directory);
        assertThatThrownBy(() -> RaftStorage.open(config))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContaining("mooring.durability");
        assertThat(directory).isEmptyDirectory();
        RaftStorage.open(config.with("mooring.durability", "process-crash")).close();
    }

    @Test
    void withoutSyncsOnlyAKillIsSurvived() throws Exception { // CRASH-1
        Child.End end = new Child().run(getClass(), "savesAndIsKilled", directory);
        assertThat(end.status()).as(end.output()).isZero();
        try (StorageBackend recovered = Stores.open(directory, NEVER, 100, false)) {
            assertThat(Stores.read(recovered, "g", 0, 2_000)).hasSize(1_000);
        }
    }

    static void savesAndIsKilled(Path data) throws IOException {
        StorageBackend backend = Stores.open(data, NEVER, 0, true);
        for (int i = 0; i < 100; i++) {
            backend.saveEntries(i + 1, List.of(Stores.run("g", 10L * i, 10, 200)));
        }
        Runtime.getRuntime().halt(0);
    }

    private Durability durability(Map<String, String> options) throws StorageException {
        return provider.guarantees(Options.of("rocksdb", provider.options(), options))
                .durability();
    }
}
