// SPDX-License-Identifier: Apache-2.0
package dev.mooring.bench;

import dev.mooring.RaftStorage;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a measurement of one backend is made. */
final class BackendPlace extends Place {

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "files",
            description = "Default: ${DEFAULT-VALUE}.")
    private String backend = "files";

    String backend() {
        return backend;
    }

    RaftStorage open(Path storage) throws IOException {
        return open(backend, storage);
    }
}
