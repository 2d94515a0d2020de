// SPDX-License-Identifier: Apache-2.0
package dev.mooring.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mooring.spi.Option;
import dev.mooring.spi.StorageBackend;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** What RocksDB is given: what can be configured, and what can not. */
class OptionsTest {

    @TempDir
    Path directory;

    @Test
    void whatCouldLoseDataIsFixed() throws IOException { // CRASH-3
        Stores.open(directory).close();
        List<Path> written = Stores.files(directory, "").stream()
                .filter(file -> file.getFileName().toString().startsWith("OPTIONS-"))
                .toList();
        List<String> options = Files.readAllLines(written.get(written.size() - 1)).stream()
                .map(String::strip)
                .toList();
        assertThat(options)
                .contains(
                        "track_and_verify_wals=true",
                        "verify_manifest_content_on_close=true",
                        "wal_recovery_mode=kAbsoluteConsistency",
                        "paranoid_checks=true",
                        "max_bgerror_resume_count=0",
                        "recycle_log_file_num=0",
                        "manual_wal_flush=false",
                        "allow_mmap_reads=false",
                        "allow_mmap_writes=false",
                        "avoid_flush_during_recovery=false",
                        "avoid_flush_during_shutdown=false",
                        "max_open_files=-1",
                        "max_total_wal_size=" + 4 * (16 << 20),
                        "keep_log_file_num=5",
                        "max_log_file_size=" + (1 << 20));
    }

    @Test
    void theCompressionMayChangeFromOneOpeningToTheNext() throws IOException {
        List<String> all = List.of("none", "lz4", "zstd", "none");
        for (int i = 0; i < all.size(); i++) {
            Map<String, String> options = Map.of("compression", all.get(i), "write-buffer-bytes", "64KiB");
            try (StorageBackend backend = Stores.open(directory, options, i, true)) {
                backend.saveEntries(i + 1, List.of(Stores.run("g", 10L * i, 10, 20_000)));
                assertThat(Stores.read(backend, "g", 0, Long.MAX_VALUE)).hasSize(10 * (i + 1));
            }
        }
    }

    @Test
    void aCodecThatIsNotThereIsNoDamage() {
        Status status = new Status(Status.Code.InvalidArgument, Status.SubCode.None, "");
        String message = "Compression type ZSTD is not linked with the binary.";
        assertThat(Faults.atOpen(directory, new RocksDBException(message, status)))
                .isInstanceOf(StorageException.Refused.class)
                .hasMessageContainingAll(directory.toString(), "ZSTD", "mooring.rocksdb.compression");
        assertThat(Faults.atOpen(directory, new RocksDBException("Column families not opened: x", status)))
                .isInstanceOf(StorageException.Corrupted.class);
    }

    static Stream<Arguments> bounds() {
        return new RocksDbStorageProvider()
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
            backend.saveEntries(1, List.of(Stores.run("g", 0, 10, 20_000)));
        }
        try (StorageBackend backend = Stores.open(directory, options, 1, true)) {
            assertThat(Stores.read(backend, "g", 0, 9)).hasSize(10);
        }
    }
}
