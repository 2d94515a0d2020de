// SPDX-License-Identifier: Apache-2.0
package dev.mooring.cli;

import dev.mooring.StorageConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --config}, of a command that is told the directory and the backend otherwise. */
final class ConfigOption {

    @Option(
            names = "--config",
            paramLabel = "FILE",
            converter = PathOption.class,
            description =
                    "Properties with options of a backend (mooring.<backend>.<option>). Directory, node and backend"
                            + " named there do not count. Default: the environment (MOORING_<BACKEND>_<OPTION>).")
    private @Nullable Path file;

    @Nullable
    Path file() {
        return file;
    }

    StorageConfig load() throws IOException {
        Path named = file;
        return named == null ? StorageConfig.fromEnvironment() : StorageConfig.load(named);
    }
}
