// SPDX-License-Identifier: Apache-2.0
package dev.mooring.lmdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.Option;
import dev.mooring.spi.StorageBackend;
import dev.mooring.tck.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The settings, as they are used. */
class OptionsTest {

    private static final Map<String, String> NEVER = Map.of("sync", "never");

    @TempDir
    Path directory;

    static Stream<Arguments> bounds() {
        return new LmdbStorageProvider()
                .options().stream()
                        .filter(option -> option.type() == Option.Type.NUMBER)
                        .flatMap(option -> Stream.of(
                                Arguments.of(option.name(), option.minimum()),
                                Arguments.of(option.name(), option.maximum())));
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void worksAtBothBounds(String option, long value) throws IOException {
        Map<String, String> options = Map.of(option, Long.toString(value));
        try (StorageBackend backend = Stores.open(directory, options, 0, true)) {
            backend.saveEntries(1, List.of(Stores.run("g", 0, 10, 2_000)));
        }
        try (StorageBackend backend = Stores.open(directory, options, 1, true)) {
            assertThat(Stores.read(backend, "g", 0, 9)).hasSize(10);
        }
    }

    @Test
    void withoutSyncsAKillIsSurvived() throws Exception { // CRASH-1
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
}
