// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mooring.InstalledBackends;
import dev.mooring.RaftStorage;
import dev.mooring.StorageConfig;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Of every backend that is shipped, the setting that can lose data has to be asked for twice. */
class NeverSyncedTest {

    @TempDir
    Path directory;

    static List<String> backendsWithThatSetting() {
        List<String> names = InstalledBackends.find().backends().stream()
                .filter(backend -> backend.provider().options().stream()
                        .anyMatch(option -> option.name().equals("sync")))
                .map(InstalledBackends.Backend::name)
                .toList();
        assertThat(names).contains("lmdb", "rocksdb", "xodus");
        return names;
    }

    @ParameterizedTest
    @MethodSource("backendsWithThatSetting")
    void isRefusedUnlessThatLittleIsAskedFor(String name) throws IOException { // PROV-3
        StorageConfig config = StorageConfig.of(Map.of("mooring.backend", name, "mooring." + name + ".sync", "never"))
                .withDirectory(directory);
        for (StorageConfig tooMuch : List.of(config, config.with("mooring.durability", "power-loss"))) {
            assertThatThrownBy(() -> RaftStorage.open(tooMuch).close())
                    .isInstanceOf(StorageException.Refused.class)
                    .hasMessageContainingAll("'" + name + "'", "mooring.durability");
            assertThat(directory).isEmptyDirectory();
        }
        RaftStorage.open(config.with("mooring.durability", "process-crash")).close();
        assertThat(directory.resolve("data")).isNotEmptyDirectory();
    }
}
