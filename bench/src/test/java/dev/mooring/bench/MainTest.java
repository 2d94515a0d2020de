// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Every measurement runs, on every backend, and removes what it wrote. */
class MainTest {

    @TempDir
    Path directory;

    private void runs(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--directory", directory.toString()));
        assertThat(new CommandLine(Main.class).execute(all.toArray(String[]::new)))
                .isZero();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"files", "rocksdb", "lmdb", "xodus"})
    void space(String backend) throws Exception {
        runs(
                "space",
                "--backend",
                backend,
                "--groups",
                "3",
                "--slow",
                "--live-bytes",
                "60000",
                "--times",
                "1",
                "--payload-bytes",
                "60000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"files", "rocksdb", "lmdb", "xodus"})
    void saves(String backend) throws Exception {
        runs("saves", "--backend", backend, "--callers", "3", "--saves", "30", "--rounds", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"files,rocksdb,lmdb,xodus", "lmdb"})
    void compare(String backends) throws Exception {
        runs("compare", "--backends", backends, "--saves", "20", "--entries", "150", "--rounds", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--backends=files,files", "--rounds=1"})
    void whatCanNotBeComparedIsRefused(String option) throws Exception {
        assertThat(new CommandLine(Main.class).execute("compare", option, "--directory", directory.toString()))
                .isEqualTo(CommandLine.ExitCode.USAGE);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"files", "rocksdb", "lmdb", "xodus"})
    void groups(String backend) throws Exception {
        runs("groups", "--backend", backend, "--groups", "50");
    }

    @ParameterizedTest
    @ValueSource(strings = "files")
    void snapshot(String backend) throws Exception {
        runs("snapshot", "--backend", backend, "--bytes", "3000000", "--rounds", "2");
    }
}
